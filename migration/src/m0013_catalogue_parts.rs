//! What stands around products: labels, parts of bundles, one-time offers, order bumps, variant groups, waiting lists; and
//! an index for every order a list of products may have.

const UP: &[&str] = &[
    "alter table products add column is_featured boolean not null default false",
    "update products set is_featured = true where attributes like '%\"is_featured\":true%'",
    // One walk along an index per order, whatever the number of products; deleted rows are not in the way.
    "create index products_by_updated on products (tenant, mode, updated_at, id) where deleted_at is null",
    "create index products_by_name on products (tenant, mode, name, id) where deleted_at is null",
    "create index products_by_price on products (tenant, mode, price_minor, id) where deleted_at is null",
    "create index products_by_slug on products (tenant, mode, slug, id) where deleted_at is null",
    "create index products_by_status on products (tenant, mode, status, id) where deleted_at is null",
    "create index products_by_featured on products (tenant, mode, is_featured, id) where deleted_at is null",
    "insert into counters (tenant, mode, name, value)
        select tenant, mode, 'products.active', count(*) from products
        where deleted_at is null and status = 'published' group by tenant, mode",
    "create table labels (
        id UUID primary key not null,
        tenant UUID not null references tenants (id),
        mode text not null,
        kind text not null,
        name text not null,
        slug text not null,
        created_at bigint not null
    )",
    "create unique index labels_slug_key on labels (tenant, mode, kind, slug)",
    "create index labels_page on labels (tenant, mode, kind, created_at, id)",
    "create index labels_by_name on labels (tenant, mode, kind, name, id)",
    "create index labels_anywhere on labels (kind, slug)",
    "create table product_labels (
        product UUID not null references products (id),
        label UUID not null references labels (id),
        tenant UUID not null,
        mode text not null,
        place bigint not null,
        constraint product_labels_pkey primary key (product, label)
    )",
    "create index product_labels_label on product_labels (label, product)",
    "create table bundle_parts (
        bundle UUID not null references products (id),
        part UUID not null references products (id),
        tenant UUID not null,
        mode text not null,
        place bigint not null,
        constraint bundle_parts_pkey primary key (bundle, part)
    )",
    "create index bundle_parts_part on bundle_parts (part)",
    "create table one_time_offers (
        id UUID primary key not null,
        tenant UUID not null references tenants (id),
        mode text not null,
        product UUID not null references products (id),
        oto_product UUID not null references products (id),
        discount_type text not null,
        discount_value bigint not null,
        duration_minutes bigint not null,
        downsell_product UUID references products (id),
        downsell_discount_type text,
        downsell_discount_value bigint,
        downsell_duration_minutes bigint,
        is_active boolean not null,
        created_at bigint not null,
        updated_at bigint not null
    )",
    "create unique index one_time_offers_active on one_time_offers (product) where is_active",
    "create index one_time_offers_product on one_time_offers (product, is_active)",
    "create index one_time_offers_oto on one_time_offers (oto_product)",
    "create index one_time_offers_downsell on one_time_offers (downsell_product)",
    "create table order_bumps (
        id UUID primary key not null,
        tenant UUID not null references tenants (id),
        mode text not null,
        main_product UUID not null references products (id),
        bump_product UUID not null references products (id),
        title text not null,
        description text,
        price_minor bigint,
        is_active boolean not null,
        display_order bigint not null,
        access_duration_days bigint,
        urgency_duration_minutes bigint,
        created_at bigint not null,
        updated_at bigint not null
    )",
    "create unique index order_bumps_pair on order_bumps (main_product, bump_product)",
    "create index order_bumps_bump on order_bumps (bump_product)",
    "create index order_bumps_page on order_bumps (tenant, mode, created_at, id)",
    "create table variant_groups (
        id UUID primary key not null,
        tenant UUID not null references tenants (id),
        mode text not null,
        name text,
        slug text,
        is_active boolean not null,
        created_at bigint not null,
        updated_at bigint not null
    )",
    "create unique index variant_groups_slug_key on variant_groups (tenant, mode, slug)",
    "create index variant_groups_page on variant_groups (tenant, mode, created_at, id)",
    "create table variant_links (
        id UUID primary key not null,
        tenant UUID not null,
        mode text not null,
        variant_group UUID not null references variant_groups (id),
        product UUID not null references products (id),
        variant_name text,
        display_order bigint not null,
        is_featured boolean not null,
        created_at bigint not null
    )",
    "create unique index variant_links_pair on variant_links (variant_group, product)",
    "create index variant_links_product on variant_links (product)",
    "create table waitlist_entries (
        id UUID primary key not null,
        tenant UUID not null references tenants (id),
        mode text not null,
        product UUID not null references products (id),
        email text not null,
        person UUID,
        created_at bigint not null,
        notified_at bigint
    )",
    "create unique index waitlist_entries_pair on waitlist_entries (product, email)",
    "create index waitlist_entries_page on waitlist_entries (tenant, mode, created_at, id)",
    "create index waitlist_entries_waiting on waitlist_entries (product, id) where notified_at is null",
    "create table waitlist_launches (
        product UUID primary key not null references products (id),
        tenant UUID not null,
        mode text not null,
        due_at bigint not null
    )",
    "create index waitlist_launches_due on waitlist_launches (due_at)",
    "create table waitlist_attempts (
        id UUID primary key not null,
        address text not null,
        happened_at bigint not null
    )",
    "create index waitlist_attempts_address on waitlist_attempts (address, happened_at)",
    "create index waitlist_attempts_age on waitlist_attempts (happened_at)",
];

const DOWN: &[&str] = &[
    "drop table waitlist_attempts",
    "drop table waitlist_launches",
    "drop table waitlist_entries",
    "drop table variant_links",
    "drop table variant_groups",
    "drop table order_bumps",
    "drop table one_time_offers",
    "drop table bundle_parts",
    "drop table product_labels",
    "drop table labels",
    "delete from counters where name = 'products.active'",
    "drop index products_by_featured",
    "drop index products_by_status",
    "drop index products_by_slug",
    "drop index products_by_price",
    "drop index products_by_name",
    "drop index products_by_updated",
    "alter table products drop column is_featured",
];

migration!();
