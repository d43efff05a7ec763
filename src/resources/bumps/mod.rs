//! Order bumps: products offered beside another on its checkout, at a price of their own if need be.

mod http;
pub mod service;
mod store;
pub mod types;

use crate::domain::Scope::{ProductsRead, ProductsWrite};
use crate::http::{Guard, Route};
use crate::route;

/// Every place order bumps are reached at.
pub const ROUTES: &[Route] = &[
    route!("order_bumps.list", GET "/api/v1/order-bumps", Guard::Scope(ProductsRead), "Lists order bumps.", "order_bump", http::list),
    route!("order_bumps.create", POST "/api/v1/order-bumps", Guard::Scope(ProductsWrite), "Offers a product beside another.", "order_bump", http::create),
    route!("order_bumps.get", GET "/api/v1/order-bumps/{id}", Guard::Scope(ProductsRead), "Reads an order bump.", "order_bump", http::get),
    route!("order_bumps.update", PATCH "/api/v1/order-bumps/{id}", Guard::Scope(ProductsWrite), "Changes an order bump.", "order_bump", http::update),
    route!("order_bumps.delete", DELETE "/api/v1/order-bumps/{id}", Guard::Scope(ProductsWrite), "Deletes an order bump.", "order_bump", http::delete),
];
