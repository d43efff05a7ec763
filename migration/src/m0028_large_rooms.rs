//! Large rooms: totals of every status, the usual order of products without the deleted ones in its way, and indexes that
//! find a part of a text.
//!
//! On SQLite a part of a text is found by its trigrams: `product_grams` and `address_grams` hold them under numbers, which
//! `product_words` and `addresses` lead back to rows. A change of a text gives its row a new number, so that trigrams are
//! only ever added; those of numbers that are gone lead nowhere. They are added in the background, many at once: what has no
//! trigrams yet is what has a higher number than all that have. PostgreSQL has indexes of trigrams, where its extension
//! `pg_trgm` can be had.

const UP: &[&str] = &[
    "insert into counters (tenant, mode, name, value)
        select tenant, mode, 'products.' || status, count(*) from products
        where deleted_at is null and status in ('draft', 'archived') group by tenant, mode, status",
    "drop index products_page",
    "create index products_page on products (tenant, mode, created_at, id) where deleted_at is null",
    // `products_by_status` finds the same.
    "drop index products_status",
    // A list ends with the id: without it, the list of a product's payments was a walk through all payments.
    "drop index payments_product",
    "create index payments_product on payments (tenant, mode, product, created_at, id)",
    // Most payments are completed and never enter this one.
    "create index payments_product_trouble on payments (tenant, mode, product, status, created_at, id)
        where status <> 'completed'",
    "sqlite: create table product_words (
        number integer primary key autoincrement,
        product blob not null unique
    )",
    "sqlite: insert into product_words (product) select id from products",
    "sqlite: create trigger product_words_new after insert on products begin
        insert into product_words (product) values (new.id);
    end",
    "sqlite: create trigger product_words_changed after update of name, description on products
        when old.name is not new.name or old.description is not new.description begin
        insert or replace into product_words (product) values (new.id);
    end",
    "sqlite: create virtual table product_grams using fts5(room, words, content='', tokenize='trigram', detail=none)",
    // Every address that ever paid in a room: many payments, few addresses.
    "sqlite: create table addresses (
        number integer primary key autoincrement,
        tenant blob not null,
        mode text not null,
        email text not null
    )",
    "postgres: create table addresses (
        tenant uuid not null,
        mode text not null,
        email text not null
    )",
    "create unique index addresses_key on addresses (tenant, mode, email)",
    "insert into addresses (tenant, mode, email) select distinct tenant, mode, email from payments",
    "sqlite: create trigger addresses_new after insert on payments begin
        insert into addresses (tenant, mode, email) values (new.tenant, new.mode, new.email)
            on conflict (tenant, mode, email) do nothing;
    end",
    "postgres: create function addresses_add() returns trigger language plpgsql as $$ begin
        insert into addresses (tenant, mode, email) values (new.tenant, new.mode, new.email)
            on conflict (tenant, mode, email) do nothing;
        return null;
    end $$",
    "postgres: create trigger addresses_new after insert on payments for each row execute function addresses_add()",
    "sqlite: create virtual table address_grams using fts5(room, words, content='', tokenize='trigram', detail=none)",
    "postgres: do $$ begin
        create extension if not exists pg_trgm;
        create index products_text on products
            using gin (lower(name) gin_trgm_ops, lower(description) gin_trgm_ops) where deleted_at is null;
        create index addresses_text on addresses using gin (email gin_trgm_ops);
    exception when others then
        raise notice 'parts of texts are sought without an index: %', sqlerrm;
    end $$",
];

const DOWN: &[&str] = &[
    "postgres: drop index if exists products_text",
    "sqlite: drop table address_grams",
    "sqlite: drop trigger addresses_new",
    "postgres: drop trigger addresses_new on payments",
    "postgres: drop function addresses_add",
    "drop table addresses",
    "sqlite: drop table product_grams",
    "sqlite: drop trigger product_words_changed",
    "sqlite: drop trigger product_words_new",
    "sqlite: drop table product_words",
    "drop index payments_product_trouble",
    "drop index payments_product",
    "create index payments_product on payments (tenant, mode, product, created_at)",
    "create index products_status on products (tenant, mode, status) where deleted_at is null",
    "drop index products_page",
    "create index products_page on products (tenant, mode, created_at, id)",
    "delete from counters where name in ('products.draft', 'products.archived', 'products.changes')",
];

migration!();
