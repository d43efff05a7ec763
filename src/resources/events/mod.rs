//! Events: what kinds there are, and following a tenant's own as they happen.
//!
//! A stream is server-sent events over one open answer. It reads the rows in the order of the tenant's sequence, so that
//! nothing is skipped, and goes on behind `Last-Event-ID`; the feed only says when to look.

mod http;
pub mod service;
mod store;
mod stream;
pub mod types;

use crate::domain::Scope::WebhooksRead;
use crate::http::{Guard, Route};
use crate::route;

/// Every place events are reached at.
pub const ROUTES: &[Route] = &[
    route!("event_types.list", GET "/api/v1/event-types", Guard::Scope(WebhooksRead), "Lists every kind of event with its schema and an example.", "event_type", http::kinds),
    route!("events.stream", GET "/api/v1/events/stream", Guard::Scope(WebhooksRead), "Streams events as they happen, as server-sent events.", "event", http::stream),
];
