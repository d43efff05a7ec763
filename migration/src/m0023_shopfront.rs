//! What a shop's own pages need: products found by their slug alone, consents that were given, and purchases to be told to
//! an advertising network.

const UP: &[&str] = &[
    "create index products_slug on products (slug)",
    "create table consents (
        id UUID primary key not null,
        tenant UUID not null references tenants (id),
        mode text not null,
        checkout UUID,
        visitor text,
        analytics boolean not null,
        marketing boolean not null,
        version text,
        address_digest text not null,
        user_agent text,
        created_at bigint not null
    )",
    "create index consents_page on consents (tenant, mode, created_at, id)",
    "create table conversions (
        id UUID primary key not null,
        tenant UUID not null references tenants (id),
        mode text not null,
        pixel text not null,
        test_code text,
        body text not null,
        due_at bigint not null,
        attempts bigint not null,
        sent_at bigint,
        given_up_at bigint,
        last_error text,
        created_at bigint not null
    )",
    "create index conversions_due on conversions (due_at) where sent_at is null and given_up_at is null",
];

const DOWN: &[&str] = &["drop table conversions", "drop table consents", "drop index products_slug"];

migration!();
