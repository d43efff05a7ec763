//! The running minute of a key, beside its day: what it has used of it outlives the process.

const UP: &[&str] = &[
    "alter table day_counts add column minute_at bigint",
    "alter table day_counts add column minute_calls bigint",
];

const DOWN: &[&str] = &[
    "alter table day_counts drop column minute_calls",
    "alter table day_counts drop column minute_at",
];

migration!();
