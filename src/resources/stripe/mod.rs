//! Stripe in: what it posts, verified and done once, in whatever order it comes; and the secrets a tenant has of it.
//!
//! `receive` checks the signature over the raw body before anything else and finds the shop; `service` is the one handler
//! of events, Stripe's and the sandbox's alike: an event is remembered in the transaction of its effect. One that is about
//! something still unknown waits for what makes it known.

pub mod chores;
mod http;
mod receive;
pub mod service;
mod settings;
mod store;
pub mod types;

use crate::http::{Guard, Route};
use crate::route;

/// Every place Stripe and its settings are met at.
pub const ROUTES: &[Route] = &[
    route!("stripe.receive", POST "/api/webhooks/stripe", Guard::Public(None), "Takes an event of Stripe's, signed with the server's own secret.", "received", http::receive)
        .unremembered()
        .raw(),
    route!("stripe.receive", POST "/api/webhooks/stripe/{tenant}", Guard::Public(None), "Takes an event of Stripe's, signed with a shop's secret.", "received", http::receive)
        .unremembered()
        .raw(),
    route!("stripe.receive", POST "/stripeWebhook", Guard::Public(None), "Takes an event of Stripe's, signed with the server's own secret.", "received", http::receive)
        .unremembered()
        .raw(),
    route!("stripe.settings", GET "/api/v1/settings/payments", Guard::Session, "Tells through whom payments go.", "payment_settings", http::settings),
    route!("stripe.set", PUT "/api/v1/settings/payments", Guard::Owner, "Sets the shop's own secrets of Stripe; they are never shown.", "payment_settings", http::set),
];
