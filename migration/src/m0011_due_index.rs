//! The index that passes choose from holds all that choosing reads, the id too: no row is touched for those left alone.

const UP: &[&str] = &[
    "drop index deliveries_due",
    "create index deliveries_due on deliveries (due_at, endpoint, tenant, lease_until_at, id) where due_at is not null",
];

const DOWN: &[&str] = &[
    "drop index deliveries_due",
    "create index deliveries_due on deliveries (due_at, endpoint, tenant, lease_until_at) where due_at is not null",
];

migration!();
