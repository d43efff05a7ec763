//! Reports: the sales of each day, when people last signed in, and the indexes their lists need.
//!
//! Sums over payments come from `sales_days`, which is kept in the transaction that changes a payment: an index over the
//! payments would still have every row of them read, a hundred times the time for a hundred times the payments. No payment
//! is older than this table, so it starts empty.

const UP: &[&str] = &[
    "create table sales_days (
        tenant UUID not null references tenants (id),
        mode text not null,
        product UUID not null,
        day bigint not null,
        currency text not null,
        payments bigint not null,
        revenue_minor bigint not null,
        refunded_minor bigint not null,
        constraint sales_days_pkey primary key (tenant, mode, product, day, currency)
    )",
    "create index sales_days_day on sales_days (tenant, mode, day)",
    "create table sign_ins (
        person UUID primary key not null references persons (id),
        last_at bigint not null
    )",
    "create index payments_status on payments (tenant, mode, status, created_at, id)",
    "create index refund_requests_status on refund_requests (tenant, mode, status, created_at, id)",
    "create index products_status on products (tenant, mode, status) where deleted_at is null",
];

const DOWN: &[&str] = &[
    "drop index products_status",
    "drop index refund_requests_status",
    "drop index payments_status",
    "drop table sign_ins",
    "drop table sales_days",
];

migration!();
