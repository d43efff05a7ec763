//! Logs: what became of each event for each endpoint, and what may be done about it.
//!
//! | Action | From | What it does |
//! |---|---|---|
//! | retry | failed, waiting for its next try, failed for good | a new row, sent now; the old one is `retried` |
//! | archive | any | puts it away |
//! | replay | failed for good, held | starts the schedule over |
//! | force-retry | waiting for its next try | makes it due now |
//! | cancel | waiting for its next try | gives it up |
//!
//! Every change is conditional on the state it was seen in, so that it never crosses an attempt that is under way. Rows
//! live for thirty days.

pub mod actions;
mod http;
pub mod replay;
pub mod service;
mod store;
#[cfg(test)]
mod tests;
pub mod types;

use crate::domain::Scope::{WebhooksRead, WebhooksWrite};
use crate::http::{Guard, Route};
use crate::route;

/// Every place logs are reached at.
pub const ROUTES: &[Route] = &[
    route!("webhook_logs.list", GET "/api/v1/webhooks/logs", Guard::Scope(WebhooksRead), "Lists webhook deliveries, the newest first.", "webhook_log", http::list),
    route!("webhook_logs.get", GET "/api/v1/webhooks/logs/{id}", Guard::Scope(WebhooksRead), "Reads a webhook delivery with its attempts.", "webhook_log", http::get),
    route!("webhook_logs.retry", POST "/api/v1/webhooks/logs/{id}/retry", Guard::Scope(WebhooksWrite), "Sends a failed delivery again now and tells how it went.", "webhook_result", http::retry),
    route!("webhook_logs.archive", POST "/api/v1/webhooks/logs/{id}/archive", Guard::Scope(WebhooksWrite), "Puts a delivery away.", "webhook_log_archived", http::archive),
    route!("webhook_logs.replay", POST "/api/v1/webhooks/logs/{id}/replay", Guard::Scope(WebhooksWrite), "Starts the schedule of a delivery over.", "webhook_log_state", http::replay),
    route!("webhook_logs.force_retry", POST "/api/v1/webhooks/logs/{id}/force-retry", Guard::Scope(WebhooksWrite), "Makes a waiting delivery due now.", "webhook_log_state", http::force_retry),
    route!("webhook_logs.cancel", POST "/api/v1/webhooks/logs/{id}/cancel", Guard::Scope(WebhooksWrite), "Gives a waiting delivery up.", "webhook_log_state", http::cancel),
    route!("webhooks.replay", POST "/api/v1/webhooks/{id}/replay", Guard::Scope(WebhooksWrite), "Starts the schedules of an endpoint's failed and held deliveries over.", "webhook_replay", http::replay_endpoint),
];
