//! Tenants, people and what they are to each other.

const UP: &[&str] = &[
    "create table tenants (
        id UUID primary key not null,
        route BYTES not null,
        slug text not null,
        name text not null,
        dialect text not null,
        limits text not null,
        suspended boolean not null,
        settings text not null,
        created_at bigint not null,
        updated_at bigint not null
    )",
    "create unique index tenants_route_key on tenants (route)",
    "create unique index tenants_slug_key on tenants (slug)",
    "create table persons (
        id UUID primary key not null,
        email text not null,
        name text,
        password_hash text,
        email_verified_at bigint,
        created_at bigint not null,
        updated_at bigint not null
    )",
    "create unique index persons_email_key on persons (email)",
    "create table memberships (
        person UUID not null references persons (id),
        tenant UUID not null references tenants (id),
        role text not null,
        created_at bigint not null,
        constraint memberships_pkey primary key (person, tenant)
    )",
    "create index memberships_tenant on memberships (tenant)",
];

const DOWN: &[&str] = &["drop table memberships", "drop table persons", "drop table tenants"];

migration!();
