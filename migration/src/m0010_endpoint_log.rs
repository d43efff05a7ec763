//! The log of one endpoint: its indexes begin with tenant and mode like every query, or SQLite prefers the tenant's whole log.

const UP: &[&str] = &[
    "drop index deliveries_endpoint_page",
    "drop index deliveries_endpoint_trouble",
    "create index deliveries_endpoint_page on deliveries (tenant, mode, endpoint, created_at, id)",
    "create index deliveries_endpoint_trouble on deliveries (tenant, mode, endpoint, status, created_at, id)
        where status not in ('pending', 'success')",
];

const DOWN: &[&str] = &[
    "drop index deliveries_endpoint_trouble",
    "drop index deliveries_endpoint_page",
    "create index deliveries_endpoint_page on deliveries (endpoint, created_at, id)",
    "create index deliveries_endpoint_trouble on deliveries (endpoint, status, created_at, id)
        where status not in ('pending', 'success')",
];

migration!();
