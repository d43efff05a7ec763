//! What every attempt had to keep up and nobody read: attempts are found by their delivery, and who holds a delivery is
//! asked for when a process starts or ends, which the index of what is due answers, too.

const UP: &[&str] = &["drop index attempts_page", "drop index deliveries_leased"];

const DOWN: &[&str] = &[
    "create index deliveries_leased on deliveries (lease_owner) where lease_owner is not null",
    "create index attempts_page on attempts (tenant, mode, started_at, id)",
];

migration!();
