//! One-time offers: what a buyer is offered once, right after he bought a product, and what if he declines.

mod http;
pub mod rules;
pub mod service;
mod store;
pub mod types;

use crate::domain::Scope::{ProductsRead, ProductsWrite};
use crate::http::{Guard, Route};
use crate::route;

/// Every place one-time offers are reached at.
pub const ROUTES: &[Route] = &[
    route!("offers.get", GET "/api/v1/products/{id}/oto", Guard::Scope(ProductsRead), "Reads the offer that follows a product.", "offer", http::get),
    route!("offers.put", PUT "/api/v1/products/{id}/oto", Guard::Scope(ProductsWrite), "Sets the offer that follows a product.", "offer", http::put),
    route!("offers.delete", DELETE "/api/v1/products/{id}/oto", Guard::Scope(ProductsWrite), "Ends the offer that follows a product.", "offer", http::delete),
];
