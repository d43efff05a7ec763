//! Events of a provider whose shop is not known yet: one may come before what tells whose it is.

const UP: &[&str] = &[
    // The same table without a reference to the tenant.
    "drop table provider_events",
    "create table provider_events (
        id UUID primary key not null,
        tenant UUID not null,
        mode text not null,
        event_ref text not null,
        name text not null,
        waits_for text,
        payload text,
        happened_at bigint not null,
        received_at bigint not null
    )",
    "create unique index provider_events_ref_key on provider_events (tenant, mode, event_ref)",
    "create index provider_events_waiting on provider_events (tenant, mode, waits_for, happened_at) where waits_for is not null",
    "create index provider_events_received on provider_events (received_at)",
];

const DOWN: &[&str] = &[
    "drop table provider_events",
    "create table provider_events (
        id UUID primary key not null,
        tenant UUID not null references tenants (id),
        mode text not null,
        event_ref text not null,
        name text not null,
        waits_for text,
        payload text,
        happened_at bigint not null,
        received_at bigint not null
    )",
    "create unique index provider_events_ref_key on provider_events (tenant, mode, event_ref)",
    "create index provider_events_waiting on provider_events (tenant, mode, waits_for, happened_at) where waits_for is not null",
    "create index provider_events_received on provider_events (received_at)",
];

migration!();
