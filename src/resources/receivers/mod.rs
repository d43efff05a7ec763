//! Built-in receivers: a place on this server that takes deliveries and shows each with the verdict over its signature,
//! so that a newcomer sees one arrive before he has written any code. The last 100 are kept.

mod http;
pub mod service;
mod store;

use crate::http::{Guard, Route};
use crate::route;

/// Every place receivers are reached at.
pub const ROUTES: &[Route] = &[
    route!("receivers.create", POST "/operator/v1/receivers", Guard::OperatorOrSession, "Makes a receiver for trying out webhooks.", "receiver", http::create),
    route!("receivers.create", POST "/api/v1/receivers", Guard::Session, "Makes a receiver for trying out webhooks.", "receiver", http::create),
    route!("receivers.take", POST "/sandbox/receiver/{token}", Guard::Public(None), "Takes a delivery.", "receiver", http::take)
        .unremembered()
        .raw(),
    route!("receivers.show", GET "/sandbox/receiver/{token}", Guard::Public(None), "Shows the deliveries taken, newest first.", "receiver", http::show),
];
