//! Waiting lists: who wants to hear when a product goes on sale.
//!
//! Anybody may sign up; an address stands once on a product's list. When the product becomes active, everybody on it is
//! told once by mail, in bounded batches (`chores`).

pub mod chores;
mod http;
pub mod service;
mod store;
pub mod types;

use crate::domain::Scope::ProductsRead;
use crate::http::{Guard, Route};
use crate::route;

/// Every place waiting lists are reached at.
pub const ROUTES: &[Route] = &[
    route!("waitlist.signup", POST "/api/waitlist/signup", Guard::Public(None), "Joins a product's waiting list.", "waitlist_joined", http::signup).unremembered(),
    route!("waitlist.list", GET "/api/v1/waitlist", Guard::Scope(ProductsRead), "Lists who waits; CSV where the caller accepts that.", "waitlist_entry", http::list),
];
