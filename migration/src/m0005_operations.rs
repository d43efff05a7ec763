//! Stored answers, the audit chain, day counts, built-in receivers and outgoing mail.

const UP: &[&str] = &[
    "create table idempotency (
        id UUID primary key not null,
        tenant UUID,
        principal text not null,
        route text not null,
        key_digest BYTES not null,
        body_digest BYTES not null,
        state text not null,
        status integer not null,
        answer text,
        sealed text,
        created_at bigint not null,
        expires_at bigint not null
    )",
    "create unique index idempotency_key on idempotency (principal, route, key_digest)",
    "create index idempotency_expires_at on idempotency (expires_at)",
    "create table audit_log (
        id UUID primary key not null,
        tenant UUID not null,
        seq bigint not null,
        actor text not null,
        action text not null,
        target text not null,
        detail text not null,
        happened_at bigint not null,
        previous_hash BYTES not null,
        hash BYTES not null
    )",
    "create unique index audit_log_seq_key on audit_log (tenant, seq)",
    "create table day_counts (
        key_id UUID not null,
        day bigint not null,
        reserved bigint not null,
        constraint day_counts_pkey primary key (key_id, day)
    )",
    "create index day_counts_day on day_counts (day)",
    "create table receivers (
        token text not null,
        tenant UUID,
        created_at bigint not null,
        constraint receivers_pkey primary key (token)
    )",
    "create table receiver_hits (
        id UUID primary key not null,
        token text not null,
        received_at bigint not null,
        headers text not null,
        body text not null,
        verdict text not null
    )",
    "create index receiver_hits_page on receiver_hits (token, received_at, id)",
    "create table mails (
        id UUID primary key not null,
        tenant UUID,
        kind text not null,
        recipient text not null,
        subject text not null,
        body_text text not null,
        created_at bigint not null,
        sent_at bigint,
        attempts integer not null,
        due_at bigint not null
    )",
    "create index mails_due on mails (due_at) where sent_at is null",
];

const DOWN: &[&str] = &[
    "drop table mails",
    "drop table receiver_hits",
    "drop table receivers",
    "drop table day_counts",
    "drop table audit_log",
    "drop table idempotency",
];

migration!();
