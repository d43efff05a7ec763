//! What looks licences up by less than their keys.

const UP: &[&str] = &[
    "create index products_key_prefix on products (key_prefix, tenant) where deleted_at is null",
    "create index trial_codes_ever on trial_codes (tenant, mode, code)",
];

const DOWN: &[&str] = &["drop index trial_codes_ever", "drop index products_key_prefix"];

migration!();
