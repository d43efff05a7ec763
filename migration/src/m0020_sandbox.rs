//! What the sandbox's bank will say later.

const UP: &[&str] = &[
    "create table sandbox_events (
        id UUID primary key not null,
        tenant UUID not null references tenants (id),
        mode text not null,
        body text not null,
        due_at bigint not null,
        done_at bigint,
        created_at bigint not null
    )",
    "create index sandbox_events_due on sandbox_events (due_at) where done_at is null",
];

const DOWN: &[&str] = &["drop table sandbox_events"];

migration!();
