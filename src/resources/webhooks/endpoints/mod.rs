//! Endpoints: a subscriber's URL with its filter, secret and health.
//!
//! The URL is judged when it is set and again at every send. The secret is generated here, sealed at rest, and shown in
//! the creation answer; afterwards only to credentials that may write webhooks.

mod fields;
mod http;
pub mod sample;
pub mod secrets;
pub mod service;
mod store;
pub mod types;

use crate::domain::Scope::{WebhooksRead, WebhooksWrite};
use crate::http::{Guard, Route};
use crate::route;

/// Every place endpoints are reached at.
pub const ROUTES: &[Route] = &[
    route!("webhooks.list", GET "/api/v1/webhooks", Guard::Scope(WebhooksRead), "Lists webhook endpoints.", "webhook", http::list),
    route!("webhooks.create", POST "/api/v1/webhooks", Guard::Scope(WebhooksWrite), "Creates a webhook endpoint; the secret is shown.", "webhook", http::create),
    route!("webhooks.get", GET "/api/v1/webhooks/{id}", Guard::Scope(WebhooksRead), "Reads a webhook endpoint.", "webhook", http::get),
    route!("webhooks.update", PATCH "/api/v1/webhooks/{id}", Guard::Scope(WebhooksWrite), "Changes a webhook endpoint.", "webhook", http::update),
    route!("webhooks.delete", DELETE "/api/v1/webhooks/{id}", Guard::Scope(WebhooksWrite), "Deletes a webhook endpoint.", "webhook", http::delete),
    route!("webhooks.test", POST "/api/v1/webhooks/{id}/test", Guard::Scope(WebhooksWrite), "Sends one signed sample now and tells how it went.", "webhook_result", http::test),
    route!("webhooks.rotate_secret", POST "/api/v1/webhooks/{id}/rotate-secret", Guard::Scope(WebhooksWrite), "Replaces the signing secret; the old one signs beside it for a while.", "webhook_secret", http::rotate_secret),
    route!("webhooks.list", GET "/v1/creator/webhooks", Guard::Scope(WebhooksWrite), "Lists webhook endpoints.", "webhook", http::list),
    route!("webhooks.create", POST "/v1/creator/webhooks", Guard::Scope(WebhooksWrite), "Creates a webhook endpoint; the secret is shown once.", "webhook", http::create),
    route!("webhooks.update", PATCH "/v1/creator/webhooks/{id}", Guard::Scope(WebhooksWrite), "Changes a webhook endpoint.", "webhook", http::update),
    route!("webhooks.delete", DELETE "/v1/creator/webhooks/{id}", Guard::Scope(WebhooksWrite), "Deletes a webhook endpoint.", "webhook", http::delete),
];
