//! Secrets of an endpoint before the previous one, each with its own end, so that a second rotation cuts no overlap short;
//! and a known text under the master key, so that a server with another key is noticed when it starts.

const UP: &[&str] = &[
    "alter table endpoints add column older_secrets_sealed text",
    "create table key_checks (
        name text primary key not null,
        sealed text not null
    )",
];

const DOWN: &[&str] = &[
    "drop table key_checks",
    "alter table endpoints drop column older_secrets_sealed",
];

migration!();
