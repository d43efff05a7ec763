//! Order bumps and sign-ups by their product, each of which a checkout or a list asks for.

const UP: &[&str] = &[
    "create index order_bumps_main on order_bumps (tenant, mode, main_product, created_at, id)",
    "create index waitlist_entries_product on waitlist_entries (tenant, mode, product, created_at, id)",
];

const DOWN: &[&str] = &["drop index waitlist_entries_product", "drop index order_bumps_main"];

migration!();
