//! The catalogue of features: codes that policies and licences unlock. Deleting one takes it from every licence at once.

mod http;
pub mod service;
mod store;
pub mod types;

use crate::domain::Scope::{EntitlementsRead, EntitlementsWrite, LicensesRead, LicensesWrite, PoliciesRead, PoliciesWrite};
use crate::http::{Guard, Route};
use crate::route;

/// Every place features are reached at.
pub const ROUTES: &[Route] = &[
    route!("entitlements.list", GET "/api/v1/entitlements", Guard::Scope(EntitlementsRead), "Lists entitlements.", "feature", http::list),
    route!("entitlements.create", POST "/api/v1/entitlements", Guard::Scope(EntitlementsWrite), "Creates an entitlement.", "feature", http::create),
    route!("entitlements.get", GET "/api/v1/entitlements/{id}", Guard::Scope(EntitlementsRead), "Reads an entitlement.", "feature", http::get),
    route!("entitlements.update", PATCH "/api/v1/entitlements/{id}", Guard::Scope(EntitlementsWrite), "Changes an entitlement.", "feature", http::update),
    route!("entitlements.delete", DELETE "/api/v1/entitlements/{id}", Guard::Scope(EntitlementsWrite), "Deletes an entitlement.", "feature", http::delete),
    route!("licenses.entitlements", GET "/api/v1/licenses/{id}/entitlements", Guard::Scope(LicensesRead), "Lists what a licence unlocks.", "feature", http::of_license),
    route!("licenses.attach", POST "/api/v1/licenses/{id}/entitlements", Guard::Scope(LicensesWrite), "Attaches entitlements to a licence.", "license", http::attach_to_license),
    route!("licenses.detach", DELETE "/api/v1/licenses/{id}/entitlements", Guard::Scope(LicensesWrite), "Detaches entitlements from a licence.", "license", http::detach_from_license),
    route!("policies.entitlements", GET "/api/v1/policies/{id}/entitlements", Guard::Scope(PoliciesRead), "Lists what a policy unlocks.", "feature", http::of_policy),
    route!("policies.attach", POST "/api/v1/policies/{id}/entitlements", Guard::Scope(PoliciesWrite), "Attaches entitlements to a policy.", "policy", http::attach_to_policy),
    route!("policies.detach", DELETE "/api/v1/policies/{id}/entitlements", Guard::Scope(PoliciesWrite), "Detaches entitlements from a policy.", "policy", http::detach_from_policy),
];
