//! What visitors of a shop's pages agree to: asked for on the checkout page, kept with the checkout, logged where the shop
//! wants a log.

mod http;
mod log;
pub mod rules;
pub mod service;
mod store;
pub mod types;

use crate::domain::Scope::IntegrationsWrite;
use crate::http::{Guard, Route};
use crate::route;

/// Every place consent is given at.
pub const ROUTES: &[Route] = &[
    route!("consents.give", POST "/api/consent", Guard::Public(None), "Takes what a visitor agrees to.", "consent", http::give)
        .raw()
        .unremembered(),
    route!("consents.list", GET "/api/v1/consents", Guard::Scope(IntegrationsWrite), "Lists what visitors agreed to; CSV where the caller accepts that.", "consent_entry", http::list),
];
