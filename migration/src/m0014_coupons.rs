//! Coupons, and each use of one.

const UP: &[&str] = &[
    "create table coupons (
        id UUID primary key not null,
        tenant UUID not null references tenants (id),
        mode text not null,
        code text not null,
        name text not null,
        percent_ppm bigint,
        amount_minor bigint,
        currency text,
        is_active boolean not null,
        is_public boolean not null,
        exclude_order_bumps boolean not null,
        starts_at bigint not null,
        expires_at bigint,
        usage_limit_global bigint,
        usage_limit_per_user bigint,
        allowed_emails text not null,
        allowed_products text not null,
        usage_count bigint not null,
        offer UUID,
        offer_payment UUID,
        created_at bigint not null,
        updated_at bigint not null,
        deleted_at bigint
    )",
    "create unique index coupons_code_key on coupons (tenant, mode, code) where deleted_at is null",
    "create index coupons_page on coupons (tenant, mode, created_at, id)",
    "create index coupons_by_update on coupons (tenant, mode, updated_at, id)",
    "create index coupons_by_code on coupons (tenant, mode, code, id)",
    "create index coupons_by_name on coupons (tenant, mode, name, id)",
    "create index coupons_by_use on coupons (tenant, mode, usage_count, id)",
    "create table coupon_redemptions (
        id UUID primary key not null,
        tenant UUID not null references tenants (id),
        mode text not null,
        coupon UUID not null references coupons (id),
        checkout UUID,
        payment UUID,
        customer UUID,
        email text,
        product UUID not null,
        discount_minor bigint not null,
        currency text not null,
        status text not null,
        held_until bigint,
        redeemed_at bigint,
        created_at bigint not null
    )",
    "create unique index coupon_redemptions_checkout_key on coupon_redemptions (checkout) where checkout is not null",
    "create unique index coupon_redemptions_payment_key on coupon_redemptions (payment) where payment is not null",
    "create index coupon_redemptions_held on coupon_redemptions (coupon, status, held_until)",
    "create index coupon_redemptions_email on coupon_redemptions (coupon, email)",
    "create index coupon_redemptions_page on coupon_redemptions (coupon, redeemed_at, id)",
];

const DOWN: &[&str] = &["drop table coupon_redemptions", "drop table coupons"];

migration!();
