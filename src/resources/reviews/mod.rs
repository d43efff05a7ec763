//! Reviews: what buyers say of a product of the marketplace, and one reply of its maker to each.
//!
//! Who bought it, and did not give it back, may say something once, change it later and take it back. The product's average
//! and count change in the same transaction.

mod http;
mod rules;
pub mod service;
mod store;
pub mod types;

use crate::domain::Scope::{ProductsRead, ProductsWrite, ReviewsWrite};
use crate::http::{Guard, Route};
use crate::route;

/// Every place reviews are reached at.
pub const ROUTES: &[Route] = &[
    route!("reviews.list", GET "/v1/products/{slug}/reviews", Guard::Public(Some(ProductsRead)), "Lists a product's reviews.", "review", http::list),
    route!("reviews.create", POST "/v1/products/{slug}/reviews", Guard::Buyer(ReviewsWrite), "Reviews a product that was bought.", "review", http::create),
    route!("reviews.update", PATCH "/v1/products/{slug}/reviews/{id}", Guard::Buyer(ReviewsWrite), "Changes an own review.", "review", http::update),
    route!("reviews.delete", DELETE "/v1/products/{slug}/reviews/{id}", Guard::Buyer(ReviewsWrite), "Takes an own review back.", "review", http::delete),
    route!("reviews.reply", POST "/v1/products/{slug}/reviews/{id}/reply", Guard::Buyer(ProductsWrite), "Replies to a review as the product's maker.", "review", http::reply),
];
