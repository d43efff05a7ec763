//! Variant groups: products that are variants of one thing, in the order a buyer chooses from.

mod http;
pub mod service;
mod store;
pub mod types;

use crate::domain::Scope::{ProductsRead, ProductsWrite};
use crate::http::{Guard, Route};
use crate::route;

/// Every place variant groups are reached at.
pub const ROUTES: &[Route] = &[
    route!("variant_groups.list", GET "/api/v1/variant-groups", Guard::Scope(ProductsRead), "Lists variant groups.", "variant_group", http::list),
    route!("variant_groups.create", POST "/api/v1/variant-groups", Guard::Scope(ProductsWrite), "Groups products as variants.", "variant_group", http::create),
    route!("variant_groups.get", GET "/api/v1/variant-groups/{id}", Guard::Scope(ProductsRead), "Reads a variant group.", "variant_group", http::get),
    route!("variant_groups.update", PATCH "/api/v1/variant-groups/{id}", Guard::Scope(ProductsWrite), "Changes a variant group.", "variant_group", http::update),
    route!("variant_groups.delete", DELETE "/api/v1/variant-groups/{id}", Guard::Scope(ProductsWrite), "Dissolves a variant group; its products stay.", "variant_group", http::delete),
];
