//! Policies: rules that licences of a product share. A change is in force for all its licences at once.

mod http;
pub mod service;
mod store;
pub mod types;

use crate::domain::Scope::{PoliciesRead, PoliciesWrite};
use crate::http::{Guard, Route};
use crate::route;

/// Every place policies are reached at.
pub const ROUTES: &[Route] = &[
    route!("policies.list", GET "/api/v1/policies", Guard::Scope(PoliciesRead), "Lists policies.", "policy", http::list),
    route!("policies.create", POST "/api/v1/policies", Guard::Scope(PoliciesWrite), "Creates a policy.", "policy", http::create),
    route!("policies.get", GET "/api/v1/policies/{id}", Guard::Scope(PoliciesRead), "Reads a policy.", "policy", http::get),
    route!("policies.update", PATCH "/api/v1/policies/{id}", Guard::Scope(PoliciesWrite), "Changes a policy.", "policy", http::update),
    route!("policies.delete", DELETE "/api/v1/policies/{id}", Guard::Scope(PoliciesWrite), "Deletes a policy without licences.", "policy", http::delete),
];
