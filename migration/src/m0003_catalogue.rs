//! Products, the global names they are found by, and totals.

const UP: &[&str] = &[
    "create table products (
        id UUID primary key not null,
        tenant UUID not null references tenants (id),
        mode text not null,
        slug text not null,
        name text not null,
        description text,
        kind text,
        status text not null,
        is_listed boolean not null,
        price_minor bigint not null,
        currency text not null,
        key_prefix text not null,
        metadata text not null,
        attributes text not null,
        licenses_count bigint not null,
        published_at bigint,
        created_at bigint not null,
        updated_at bigint not null,
        deleted_at bigint
    )",
    "create unique index products_slug_key on products (tenant, mode, slug)",
    "create index products_page on products (tenant, mode, created_at, id)",
    "create table public_names (
        namespace text not null,
        name text not null,
        tenant UUID not null,
        mode text not null,
        product UUID not null,
        constraint public_names_pkey primary key (namespace, name)
    )",
    "create index public_names_product on public_names (product)",
    "create table counters (
        tenant UUID not null,
        mode text not null,
        name text not null,
        value bigint not null,
        constraint counters_pkey primary key (tenant, mode, name)
    )",
];

const DOWN: &[&str] = &["drop table counters", "drop table public_names", "drop table products"];

migration!();
