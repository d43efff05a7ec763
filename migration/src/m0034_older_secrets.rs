//! Secrets of an endpoint before the previous one, each with its own end, so that a second rotation cuts no overlap short.

const UP: &[&str] = &["alter table endpoints add column older_secrets text"];

const DOWN: &[&str] = &["alter table endpoints drop column older_secrets"];

migration!();
