//! Mail that is retried and sealed, mail links that may belong to nobody, and invitations.

// A link is written for an unknown address too, without a person, so that asking for one takes the same time for both.
const UP: &[&str] = &[
    "drop table tokens",
    "create table tokens (
        id UUID primary key not null,
        person UUID references persons (id),
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
    "drop index mails_due",
    "alter table mails add column is_sealed boolean not null default false",
    "alter table mails add column given_up_at bigint",
    "alter table mails add column last_error text",
    "alter table mails add column lease_owner text",
    "alter table mails add column lease_until_at bigint",
    "create index mails_due on mails (due_at) where sent_at is null and given_up_at is null",
    "create index mails_created_at on mails (created_at)",
    "create table invitations (
        id UUID primary key not null,
        tenant UUID not null references tenants (id),
        email text not null,
        role text not null,
        invited_by UUID not null references persons (id),
        digest BYTES not null,
        created_at bigint not null,
        expires_at bigint not null
    )",
    "create unique index invitations_digest_key on invitations (digest)",
    "create unique index invitations_email_key on invitations (tenant, email)",
];

const DOWN: &[&str] = &[
    "drop table invitations",
    "drop index mails_created_at",
    "drop index mails_due",
    "alter table mails drop column lease_until_at",
    "alter table mails drop column lease_owner",
    "alter table mails drop column last_error",
    "alter table mails drop column given_up_at",
    "alter table mails drop column is_sealed",
    "create index mails_due on mails (due_at) where sent_at is null",
    "drop table tokens",
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
];

migration!();
