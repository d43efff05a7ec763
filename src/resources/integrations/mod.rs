//! Tracking, consent and embedding: what a shop's own pages use, kept for them in the tenant's settings.
//!
//! There is no route that reads them back, as the contract has none. The conversions token is sealed and told to nobody.
//! `embed_allowed_origins` are the web origins whose pages may embed the checkout and read answers to the tenant's
//! credentials; they have a table of their own, because a preflight asks for them without a tenant.

mod http;
mod rules;
pub mod service;
pub mod types;

pub use service::SUBJECT;

use crate::domain::Scope::IntegrationsWrite;
use crate::http::{Guard, Route};
use crate::route;

/// Every place integrations are changed at.
pub const ROUTES: &[Route] = &[
    route!("integrations.update", PATCH "/api/v1/integrations", Guard::Scope(IntegrationsWrite), "Changes tracking, consent and embedding.", "integrations", http::update),
];
