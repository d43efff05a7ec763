//! Products: what a tenant sells. One table, one service; dialects give them their names, units and fields.
//!
//! A product is `draft`, `published` or `archived`, and listed or not. Its slug is unique within tenant and mode for
//! ever, also after deletion; some dialects claim it in a namespace of the whole server besides.

mod http;
pub mod rules;
pub mod service;
mod store;
pub mod types;
pub mod within;

use crate::domain::Scope::{ProductsRead, ProductsWrite};
use crate::http::{Guard, Route};
use crate::route;

/// Every place products are reached at.
pub const ROUTES: &[Route] = &[
    route!("products.list", GET "/api/v1/products", Guard::Scope(ProductsRead), "Lists products.", "product", http::list),
    route!("products.create", POST "/api/v1/products", Guard::Scope(ProductsWrite), "Creates a product.", "product", http::create),
    route!("products.get", GET "/api/v1/products/{id}", Guard::Scope(ProductsRead), "Reads a product.", "product", http::get),
    route!("products.update", PATCH "/api/v1/products/{id}", Guard::Scope(ProductsWrite), "Changes a product.", "product", http::update),
    route!("products.delete", DELETE "/api/v1/products/{id}", Guard::Scope(ProductsWrite), "Deletes a product.", "product", http::delete),
    route!("products.list", GET "/v1/creator/products", Guard::Scope(ProductsRead), "Lists own products.", "product", http::list),
    route!("products.create", POST "/v1/creator/products", Guard::Scope(ProductsWrite), "Creates a draft.", "product", http::create),
    route!("products.update", PATCH "/v1/creator/products/{slug}", Guard::Scope(ProductsWrite), "Changes an own product.", "product", http::update_by_slug),
    route!("products.create", POST "/createProduct", Guard::Scope(ProductsWrite), "Creates a product.", "product", http::create),
    route!("products.list", GET "/listProducts", Guard::Scope(ProductsRead), "Lists products.", "product", http::list_all),
    route!("products.list", POST "/listProducts", Guard::Scope(ProductsRead), "Lists products.", "product", http::list_all),
];
