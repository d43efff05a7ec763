//! Payments as their tenant reads them: lists, one by one, sums, and all of them as CSV. What money does is decided in
//! `sales`; here only `metadata`, which is the tenant's own, can be changed.

mod export;
mod http;
pub mod rules;
pub mod service;
mod store;
pub mod types;

use crate::domain::Scope::{PaymentsRead, PaymentsWrite};
use crate::http::{Guard, Route};
use crate::route;

/// Every place payments are read at.
pub const ROUTES: &[Route] = &[
    route!("payments.list", GET "/api/v1/payments", Guard::Scope(PaymentsRead), "Lists payments.", "payment", http::list),
    route!("payments.stats", GET "/api/v1/payments/stats", Guard::Scope(PaymentsRead), "Sums payments up.", "payment_stats", http::stats),
    route!("payments.export", POST "/api/v1/payments/export", Guard::Scope(PaymentsRead), "Streams payments as CSV.", "", http::export),
    route!("payments.get", GET "/api/v1/payments/{id}", Guard::Scope(PaymentsRead), "Reads a payment.", "payment", http::get),
    route!("payments.update", PATCH "/api/v1/payments/{id}", Guard::Scope(PaymentsWrite), "Changes a payment's metadata.", "payment_metadata", http::update),
];
