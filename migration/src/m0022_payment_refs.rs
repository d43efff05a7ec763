//! Payments by the provider's name for their charge, and by the subscription they are of.

const UP: &[&str] = &[
    "create index payments_charge on payments (charge_ref) where charge_ref is not null",
    "create index payments_subscription on payments (subscription, created_at) where subscription is not null",
];

const DOWN: &[&str] = &["drop index payments_subscription", "drop index payments_charge"];

migration!();
