//! The checkout on a shop's own pages: a script, and the two routes it calls from another site.
//!
//! Nobody signs in here. The shop is found by the product's slug and the page's origin, which must be on the shop's list
//! (`PATCH /api/v1/integrations` with `embed_allowed_origins`). The routes speak no dialect: their errors are
//! `{"error", "type"}`.

mod http;
mod rules;
pub mod service;
mod store;
pub mod types;

use crate::http::{Guard, Route};
use crate::route;

/// Every place the embedded checkout is reached at.
pub const ROUTES: &[Route] = &[
    route!("embed.checkout_session", POST "/api/embed/checkout-session", Guard::Public(None), "Begins a purchase from another site's page.", "embed", http::checkout_session).unremembered(),
    route!("embed.checkout_preflight", OPTIONS "/api/embed/checkout-session", Guard::Public(None), "Says whether a page may call it.", "embed", http::preflight),
    route!("embed.free_access", POST "/api/embed/free-access", Guard::Public(None), "Gives a free product to an address.", "embed", http::free_access).unremembered(),
    route!("embed.free_preflight", OPTIONS "/api/embed/free-access", Guard::Public(None), "Says whether a page may call it.", "embed", http::preflight),
    route!("embed.script", GET "/embed/v1/checkout.js", Guard::Public(None), "The script that mounts the checkout.", "embed", http::script),
];
