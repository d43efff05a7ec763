//! What the delivery log and the event stream are read by.

const UP: &[&str] = &[
    "drop index deliveries_endpoint",
    "create index deliveries_endpoint_page on deliveries (endpoint, created_at, id)",
    "create index deliveries_name_page on deliveries (tenant, mode, event_name, created_at, id)",
    // Most rows are delivered at once and never enter these; a status is one walk along an index all the same.
    "create index deliveries_trouble on deliveries (tenant, mode, status, created_at, id)
        where status not in ('pending', 'success')",
    "create index deliveries_endpoint_trouble on deliveries (endpoint, status, created_at, id)
        where status not in ('pending', 'success')",
    "create index events_sequence on events (tenant, mode, seq)",
];

const DOWN: &[&str] = &[
    "drop index events_sequence",
    "drop index deliveries_endpoint_trouble",
    "drop index deliveries_trouble",
    "drop index deliveries_name_page",
    "drop index deliveries_endpoint_page",
    "create index deliveries_endpoint on deliveries (endpoint, created_at)",
];

migration!();
