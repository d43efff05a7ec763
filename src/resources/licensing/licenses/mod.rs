//! Licences as their tenant manages them, and the question that programs ask of them.
//!
//! `active`, `suspended`, `expired`, `revoked`, `banned`: the last two are final. The key is told once, at creation.
//! `validate` asks without any credential but the key; it writes only where a use is counted, where somebody listens, or the
//! first time.

pub mod account;
pub mod create;
mod http;
pub mod lifecycle;
pub mod service;
pub mod store;
pub mod types;
pub mod validate;

use crate::domain::Scope::{LicensesRead, LicensesWrite};
use crate::http::{Guard, Route};
use crate::route;

/// Every place licences are reached at.
pub const ROUTES: &[Route] = &[
    route!("licenses.list", GET "/api/v1/licenses", Guard::Scope(LicensesRead), "Lists licences.", "license", http::list),
    route!("licenses.create", POST "/api/v1/licenses", Guard::Scope(LicensesWrite), "Issues a licence; its key is shown once.", "license", http::create),
    route!("licenses.get", GET "/api/v1/licenses/{id}", Guard::Scope(LicensesRead), "Reads a licence with its machines and policy.", "license", http::get),
    route!("licenses.get", GET "/api/v1/licenses/by-key/{key}", Guard::Scope(LicensesRead), "Reads the licence of a key.", "license", http::by_key),
    route!("licenses.update", PATCH "/api/v1/licenses/{id}", Guard::Scope(LicensesWrite), "Changes a licence.", "license", http::update),
    route!("licenses.delete", DELETE "/api/v1/licenses/{id}", Guard::Scope(LicensesWrite), "Deletes a licence.", "license", http::delete),
    route!("licenses.suspend", POST "/api/v1/licenses/{id}/suspend", Guard::Scope(LicensesWrite), "Puts an active licence on hold.", "license", http::suspend),
    route!("licenses.reinstate", POST "/api/v1/licenses/{id}/reinstate", Guard::Scope(LicensesWrite), "Makes a suspended or expired licence good again.", "license", http::reinstate),
    route!("licenses.revoke", POST "/api/v1/licenses/{id}/revoke", Guard::Scope(LicensesWrite), "Withdraws a licence for ever.", "license", http::revoke),
    route!("licenses.ban", POST "/api/v1/licenses/{id}/ban", Guard::Scope(LicensesWrite), "Withdraws a licence for abuse, for ever.", "license", http::ban),
    route!("licenses.renew", POST "/api/v1/licenses/{id}/renew", Guard::Scope(LicensesWrite), "Moves the end of a licence.", "license", http::renew),
    route!("licenses.validate_key", POST "/api/v1/licenses/validate-key", Guard::Public(None), "Says whether a key is good, for a machine and for features.", "validation_answer", http::validate_key),
];
