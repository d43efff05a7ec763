//! Checkouts: a purchase that was begun, with its prices frozen, until it is paid or its time runs out.

mod begin;
pub mod chores;
mod http;
pub mod service;
mod store;
pub mod types;

use crate::domain::Scope::{PurchasesRead, PurchasesWrite};
use crate::http::{Guard, Route};
use crate::route;

/// Every place checkouts are reached at.
pub const ROUTES: &[Route] = &[
    route!("checkout.open", POST "/api/v1/checkout/sessions", Guard::Buyer(PurchasesWrite), "Begins a purchase.", "checkout", http::open),
    route!("checkout.get", GET "/api/v1/checkout/sessions/{id}", Guard::Scope(PurchasesRead), "Reads a purchase that was begun.", "checkout", http::get),
];
