//! Labels: the tags and categories products are sorted under. One table and one set of operations for both kinds.
//!
//! The set of a product's labels is written with the product; see [`service::link`].

mod http;
pub mod service;
mod store;
pub mod types;

use crate::domain::Scope::{ProductsRead, ProductsWrite};
use crate::http::{Guard, Route};
use crate::route;

/// Every place labels are reached at.
pub const ROUTES: &[Route] = &[
    route!("tags.list", GET "/api/v1/tags", Guard::Scope(ProductsRead), "Lists tags.", "tag", http::list),
    route!("tags.create", POST "/api/v1/tags", Guard::Scope(ProductsWrite), "Creates a tag.", "tag", http::create),
    route!("tags.get", GET "/api/v1/tags/{id}", Guard::Scope(ProductsRead), "Reads a tag.", "tag", http::get),
    route!("tags.update", PATCH "/api/v1/tags/{id}", Guard::Scope(ProductsWrite), "Changes a tag.", "tag", http::update),
    route!("tags.delete", DELETE "/api/v1/tags/{id}", Guard::Scope(ProductsWrite), "Deletes a tag and takes it off its products.", "tag", http::delete),
    route!("categories.list", GET "/api/v1/categories", Guard::Scope(ProductsRead), "Lists categories.", "category", http::list),
    route!("categories.create", POST "/api/v1/categories", Guard::Scope(ProductsWrite), "Creates a category.", "category", http::create),
    route!("categories.get", GET "/api/v1/categories/{id}", Guard::Scope(ProductsRead), "Reads a category.", "category", http::get),
    route!("categories.update", PATCH "/api/v1/categories/{id}", Guard::Scope(ProductsWrite), "Changes a category.", "category", http::update),
    route!("categories.delete", DELETE "/api/v1/categories/{id}", Guard::Scope(ProductsWrite), "Deletes a category and takes it off its products.", "category", http::delete),
];
