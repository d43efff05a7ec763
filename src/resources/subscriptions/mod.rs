//! Subscriptions: what a customer is charged for every period, and the access that rests on it.
//!
//! A provider tells of them by events, which are mirrored here (`effects`, `invoices`): whose a subscription is and to what
//! is bound at the first of them (`bind`); news count by the moment they were made. A subscriber ends his subscription with
//! its period and takes that back himself. In the sandbox the row is the subscription; its clockwork (`calendar`) says what
//! is due when, and whoever winds it tells the same events Stripe would.

mod bind;
pub mod calendar;
pub mod chores;
pub mod effects;
mod http;
pub mod invoices;
pub mod rules;
pub mod service;
mod store;
mod tell;
pub mod types;

use crate::http::{Guard, Route};
use crate::route;

/// Every place a subscriber is served at.
pub const ROUTES: &[Route] = &[
    route!("subscriptions.list", GET "/api/subscriptions", Guard::Person, "Lists one's own subscriptions.", "own_subscription", http::list),
    route!("subscriptions.cancel", POST "/api/subscriptions/{id}/cancel", Guard::Person, "Has one's subscription end with its period.", "own_subscription", http::cancel),
    route!("subscriptions.resume", POST "/api/subscriptions/{id}/resume", Guard::Person, "Lets one's subscription go on after all.", "own_subscription", http::resume),
];
