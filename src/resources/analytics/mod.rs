//! Analytics: what was sold, by day, product and currency.
//!
//! Only completed payments count, by the UTC day they were made on; weeks begin on Sunday. Amounts are minor units. Where
//! one figure stands for several currencies they are added together, as this contract has it; `by_currency` tells them
//! apart. `rollup` keeps the sums.

mod http;
pub mod rollup;
pub mod rules;
pub mod service;
mod store;
pub mod types;

use crate::domain::Scope::AnalyticsRead;
use crate::http::{Guard, Route};
use crate::route;

/// Every place analytics are reached at.
pub const ROUTES: &[Route] = &[
    route!("analytics.dashboard", GET "/api/v1/analytics/dashboard", Guard::Scope(AnalyticsRead), "Sums up the shop.", "analytics_dashboard", http::dashboard),
    route!("analytics.revenue", GET "/api/v1/analytics/revenue", Guard::Scope(AnalyticsRead), "Tells the revenue of a period.", "analytics_revenue", http::revenue),
    route!("analytics.top_products", GET "/api/v1/analytics/top-products", Guard::Scope(AnalyticsRead), "Ranks products by what they sold.", "analytics_top_products", http::top_products),
];
