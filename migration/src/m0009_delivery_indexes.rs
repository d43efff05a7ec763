//! What a pass reads: it chooses due rows from an index alone, however long their bodies are, and frees leases by another.

const UP: &[&str] = &[
    "drop index deliveries_due",
    "create index deliveries_due on deliveries (due_at, endpoint, tenant, lease_until_at) where due_at is not null",
    // Only what is being tried is in it.
    "create index deliveries_leased on deliveries (lease_owner) where lease_owner is not null",
];

const DOWN: &[&str] = &[
    "drop index deliveries_leased",
    "drop index deliveries_due",
    "create index deliveries_due on deliveries (due_at) where due_at is not null",
];

migration!();
