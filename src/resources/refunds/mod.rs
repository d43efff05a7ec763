//! Giving money back, at the tenant's wish or at a customer's request.

pub mod chores;
mod execute;
mod http;
pub mod requests;
pub mod service;
mod store;
pub mod types;

use crate::domain::Scope::{PaymentsRefund, RefundRequestsRead, RefundRequestsWrite};
use crate::http::{Guard, Route};
use crate::route;

/// Every place refunds are reached at.
pub const ROUTES: &[Route] = &[
    route!("payments.refund", POST "/api/v1/payments/{id}/refund", Guard::Scope(PaymentsRefund), "Gives a payment back, in part or in full.", "refund_done", http::refund),
    route!("refund_requests.create", POST "/api/refund-requests", Guard::Person, "Asks for the money back.", "refund_request", http::ask).at_shop(http::shop),
    route!("refund_requests.list", GET "/api/v1/refund-requests", Guard::Scope(RefundRequestsRead), "Lists requests for money back.", "refund_request", http::list),
    route!("refund_requests.get", GET "/api/v1/refund-requests/{id}", Guard::Scope(RefundRequestsRead), "Reads a request for money back.", "refund_request", http::get),
    route!("refund_requests.update", PATCH "/api/v1/refund-requests/{id}", Guard::Scope(RefundRequestsWrite), "Grants or declines a request for money back.", "refund_decision", http::decide),
];
