//! Uploaded files, product versions, reviews, views by day, and what the marketplace sorts by.

// `products.shelved_at` is set while the marketplace shows the product: every order it is listed in has an index of those
// rows alone, which a page walks without looking at anything else. The total is a counter, `market`.
const UP: &[&str] = &[
    "create table files (
        id UUID primary key not null,
        tenant UUID not null references tenants (id),
        mode text not null,
        state text not null,
        size_bytes bigint not null,
        sha256 text not null,
        created_at bigint not null,
        updated_at bigint not null
    )",
    "create index files_tenant on files (tenant, mode, id)",
    "create index files_unkept on files (updated_at) where state <> 'kept'",
    "create table product_versions (
        id UUID primary key not null,
        tenant UUID not null references tenants (id),
        mode text not null,
        product UUID not null references products (id),
        version text not null,
        changelog text,
        file UUID not null references files (id),
        file_name text not null,
        media_type text not null,
        size_bytes bigint not null,
        sha256 text not null,
        created_at bigint not null,
        updated_at bigint not null
    )",
    "create unique index product_versions_version_key on product_versions (product, version)",
    "create index product_versions_page on product_versions (product, created_at, id)",
    "create table reviews (
        id UUID primary key not null,
        tenant UUID not null references tenants (id),
        mode text not null,
        product UUID not null references products (id),
        author UUID not null references persons (id),
        author_username text not null,
        author_name text not null,
        rating bigint not null,
        title text,
        body text,
        creator_reply text,
        replied_at bigint,
        created_at bigint not null,
        updated_at bigint not null
    )",
    "create unique index reviews_author_key on reviews (product, author)",
    "create index reviews_page on reviews (product, created_at, id)",
    "create index reviews_tenant on reviews (tenant, mode, id)",
    "create table product_views (
        product UUID not null references products (id),
        day bigint not null,
        tenant UUID not null,
        mode text not null,
        views bigint not null,
        constraint product_views_pkey primary key (product, day)
    )",
    "create index product_views_day on product_views (tenant, mode, day)",
    "alter table products add column namespace text",
    "alter table products add column category text",
    "alter table products add column shelved_at bigint",
    "alter table products add column rating_sum bigint not null default 0",
    "alter table products add column rating_count bigint not null default 0",
    "alter table products add column rating_rank bigint not null default 0",
    "alter table products add column sales_count bigint not null default 0",
    "alter table products add column views_count bigint not null default 0",
    "update products set namespace = (select min(namespace) from public_names where public_names.product = products.id)",
    "update products set shelved_at = published_at where namespace = 'marketplace' and mode = 'live'
        and status = 'published' and is_listed and deleted_at is null",
    "insert into counters (tenant, mode, name, value)
        select tenant, mode, 'market', count(*) from products where shelved_at is not null group by tenant, mode",
    "create index counters_market on counters (tenant, value) where name = 'market'",
    "create index products_shelf_newest on products (shelved_at, id, tenant) where shelved_at is not null",
    "create index products_shelf_price on products (price_minor, id, tenant) where shelved_at is not null",
    "create index products_shelf_popular on products (sales_count, views_count, id, tenant) where shelved_at is not null",
    "create index products_shelf_rating on products (rating_rank, rating_count, id, tenant) where shelved_at is not null",
    "create index products_shelf_kind on products (kind, shelved_at, id, tenant) where shelved_at is not null",
    "create index products_shelf_category on products (category, shelved_at, id, tenant) where shelved_at is not null",
];

const DOWN: &[&str] = &[
    "drop index products_shelf_category",
    "drop index products_shelf_kind",
    "drop index products_shelf_rating",
    "drop index products_shelf_popular",
    "drop index products_shelf_price",
    "drop index products_shelf_newest",
    "drop index counters_market",
    "delete from counters where name = 'market'",
    "alter table products drop column views_count",
    "alter table products drop column sales_count",
    "alter table products drop column rating_rank",
    "alter table products drop column rating_count",
    "alter table products drop column rating_sum",
    "alter table products drop column shelved_at",
    "alter table products drop column category",
    "alter table products drop column namespace",
    "drop table product_views",
    "drop table reviews",
    "drop table product_versions",
    "drop table files",
];

migration!();
