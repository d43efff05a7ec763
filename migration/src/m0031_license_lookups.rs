//! What looks licences up by less than their keys, by the prefix alone.

const UP: &[&str] = &["create index products_key_prefix on products (key_prefix, tenant) where deleted_at is null"];

const DOWN: &[&str] = &["drop index products_key_prefix"];

migration!();
