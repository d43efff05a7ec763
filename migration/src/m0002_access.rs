//! Sessions, mail links and keys.

const UP: &[&str] = &[
    "create table sessions (
        id UUID primary key not null,
        person UUID not null references persons (id),
        digest BYTES not null,
        created_at bigint not null,
        expires_at bigint not null,
        last_seen_at bigint not null,
        address text,
        user_agent text
    )",
    "create unique index sessions_digest_key on sessions (digest)",
    "create index sessions_person on sessions (person)",
    "create index sessions_expires_at on sessions (expires_at)",
    "create table tokens (
        id UUID primary key not null,
        person UUID not null references persons (id),
        purpose text not null,
        digest BYTES not null,
        payload text not null,
        expires_at bigint not null,
        used_at bigint,
        created_at bigint not null
    )",
    "create unique index tokens_digest_key on tokens (digest)",
    "create index tokens_person on tokens (person)",
    "create index tokens_expires_at on tokens (expires_at)",
    "create table api_keys (
        id UUID primary key not null,
        tenant UUID not null references tenants (id),
        mode text not null,
        dialect text not null,
        name text not null,
        note text,
        digest BYTES not null,
        key_prefix text not null,
        scopes text not null,
        per_minute integer,
        per_day integer,
        expires_at bigint,
        is_active boolean not null,
        grace_until_at bigint,
        revoked_at bigint,
        revoked_reason text,
        allowed_networks text,
        last_used_at bigint,
        last_used_ip text,
        usage_count bigint not null,
        created_by UUID,
        rotated_from UUID,
        created_at bigint not null,
        updated_at bigint not null
    )",
    "create unique index api_keys_digest_key on api_keys (digest)",
    "create index api_keys_page on api_keys (tenant, mode, created_at, id)",
];

const DOWN: &[&str] = &["drop table api_keys", "drop table tokens", "drop table sessions"];

migration!();
