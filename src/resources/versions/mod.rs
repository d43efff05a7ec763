//! Versions of a product, each with the file a buyer downloads; the newest is the one he gets.
//!
//! The bytes are durable before the version is there, and go after it is gone; `chores` removes what a crash left.

pub mod chores;
mod http;
pub mod service;
mod store;
pub mod types;

use crate::domain::Scope::{ProductsRead, ProductsWrite};
use crate::http::{Guard, Route};
use crate::route;

/// Every place versions are reached at.
pub const ROUTES: &[Route] = &[
    route!("versions.list", GET "/api/v1/products/{id}/versions", Guard::Scope(ProductsRead), "Lists a product's versions.", "version", http::list),
    route!("versions.create", POST "/api/v1/products/{id}/versions", Guard::Scope(ProductsWrite), "Uploads a version.", "version", http::create).upload(),
    route!("versions.replace", PUT "/api/v1/products/{id}/versions/{version}", Guard::Scope(ProductsWrite), "Replaces a version's file.", "version", http::replace).upload(),
    route!("versions.delete", DELETE "/api/v1/products/{id}/versions/{version}", Guard::Scope(ProductsWrite), "Deletes a version with its file.", "version", http::delete),
    route!("versions.verify", POST "/api/v1/products/{id}/versions/{version}/verify", Guard::Scope(ProductsRead), "Compares a version's file with its checksum.", "version_check", http::verify).unremembered(),
    route!("versions.list", GET "/v1/creator/products/{slug}/versions", Guard::Scope(ProductsRead), "Lists an own product's versions.", "version", http::list),
    route!("versions.create", POST "/v1/creator/products/{slug}/versions", Guard::Scope(ProductsWrite), "Uploads a version.", "version", http::create).upload(),
    route!("versions.replace", PUT "/v1/creator/products/{slug}/versions/{version}", Guard::Scope(ProductsWrite), "Replaces a version's file.", "version", http::replace).upload(),
    route!("versions.delete", DELETE "/v1/creator/products/{slug}/versions/{version}", Guard::Scope(ProductsWrite), "Deletes a version with its file.", "version", http::delete),
    route!("versions.verify", POST "/v1/creator/products/{slug}/versions/{version}/verify", Guard::Scope(ProductsRead), "Compares a version's file with its checksum.", "version_check", http::verify).unremembered(),
];
