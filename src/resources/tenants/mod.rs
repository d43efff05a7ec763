//! Tenants, as the operator sees them: made, listed, given quotas, suspended.

pub mod holders;
mod http;
pub mod service;
pub mod signing;
mod store;
pub mod types;

use crate::http::{Guard, Route};
use crate::route;

/// Every place tenants are managed at.
pub const ROUTES: &[Route] = &[
    route!("tenants.create", POST "/operator/v1/tenants", Guard::Operator, "Creates a tenant and its owner.", "tenant", http::create),
    route!("tenants.list", GET "/operator/v1/tenants", Guard::Operator, "Lists tenants.", "tenant", http::list),
    route!("tenants.get", GET "/operator/v1/tenants/{id}", Guard::Operator, "Reads a tenant.", "tenant", http::get),
    route!("tenants.update", PATCH "/operator/v1/tenants/{id}", Guard::Operator, "Changes a tenant's name, dialect, quotas or suspension.", "tenant", http::update),
];
