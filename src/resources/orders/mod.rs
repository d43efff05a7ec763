//! Orders: payments as a bookkeeper and a course platform see them, their receipts, and what they add up to.
//!
//! An order is a payment that was made: gross, the gateway's fee and net in columns of their own, with what the payment
//! gave and what of that was taken back. Nothing here moves money; whoever does tells of it by [`service::tell`].

mod http;
pub mod receipts;
pub mod rules;
pub mod service;
mod store;
pub mod summary;
pub mod types;

use crate::domain::Scope::{AnalyticsRead, OrdersRead};
use crate::http::{Guard, Route};
use crate::route;

/// Every place orders are reached at.
pub const ROUTES: &[Route] = &[
    route!("orders.list", GET "/api/v1/orders", Guard::Scope(OrdersRead), "Lists orders with receipts and entitlements.", "order", http::list),
    route!("orders.get", GET "/api/v1/orders/{id}", Guard::Scope(OrdersRead), "Reads an order.", "order", http::get),
    route!("orders.receipt", GET "/receipts/{token}", Guard::Public(None), "Shows a receipt: a page to print, or JSON where `Accept` asks for it.", "receipt", http::receipt),
    route!("analytics.summary", GET "/api/v1/analytics/summary", Guard::Scope(AnalyticsRead), "Adds up revenue and completion over a window of days.", "analytics_summary", http::summary),
];
