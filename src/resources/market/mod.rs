//! The marketplace: what the public sees of every shop that takes part, and what its makers learn of it.
//!
//! A product is on the shelf while it is claimed in the marketplace's namespace, live, published, listed and not deleted
//! (`products.shelved_at`), and its shop is not suspended. Looks are counted in memory and written every second or so.

pub mod analytics;
mod http;
pub mod rules;
pub mod service;
mod store;
pub mod tally;
pub mod types;

use crate::domain::Scope::{AnalyticsRead, ProductsRead};
use crate::http::{Guard, Route};
use crate::route;

/// Every place the marketplace is reached at.
pub const ROUTES: &[Route] = &[
    route!("products.browse", GET "/v1/products", Guard::Public(Some(ProductsRead)), "Lists the marketplace.", "product", http::browse),
    route!("products.show", GET "/v1/products/{slug}", Guard::Public(Some(ProductsRead)), "Reads a product of the marketplace.", "product", http::show),
    route!("market.overview", GET "/v1/creator/analytics/overview", Guard::Scope(AnalyticsRead), "Sums up revenue, sales and looks.", "market_overview", http::overview),
    route!("market.revenue", GET "/v1/creator/analytics/revenue", Guard::Scope(AnalyticsRead), "Tells revenue by day.", "market_revenue", http::revenue),
    route!("market.products", GET "/v1/creator/analytics/products", Guard::Scope(AnalyticsRead), "Tells what each product does.", "market_products", http::products),
];
