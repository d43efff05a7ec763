//! API keys: who may do what for a tenant, and how often.
//!
//! Only an owner's session makes, changes or revokes keys (or the operator, where a dialect says so): a key never
//! manages keys. In the marketplace a person without a shop has keys too, which may do what buyers do. The plaintext leaves the server once, in the answer that made it; the row keeps its digest. Rows are
//! never deleted. A change is in force before its answer is sent.

mod by_secret;
mod http;
mod rules;
pub mod service;
mod store;
pub mod types;

use crate::http::{Guard, Route};
use crate::route;

/// Every place keys are managed at.
pub const ROUTES: &[Route] = &[
    route!("api_keys.list", GET "/api/v1/api-keys", Guard::Session, "Lists API keys.", "api_key", http::list),
    route!("api_keys.create", POST "/api/v1/api-keys", Guard::Owner, "Creates an API key; the key is shown once.", "api_key", http::create),
    route!("api_keys.get", GET "/api/v1/api-keys/{id}", Guard::Session, "Reads an API key.", "api_key", http::get),
    route!("api_keys.update", PATCH "/api/v1/api-keys/{id}", Guard::Owner, "Changes an API key.", "api_key", http::update),
    route!("api_keys.revoke", DELETE "/api/v1/api-keys/{id}", Guard::Owner, "Revokes an API key for ever.", "api_key", http::revoke),
    route!("api_keys.rotate", POST "/api/v1/api-keys/{id}/rotate", Guard::Owner, "Replaces a key, the old one staying good for a while.", "api_key_rotated", http::rotate),
    route!("api_keys.list", GET "/v1/creator/api-keys", Guard::Person, "Lists API keys.", "api_key", http::own_list),
    route!("api_keys.create", POST "/v1/creator/api-keys", Guard::Person, "Creates an API key; the key is shown once.", "api_key", http::own_create),
    route!("api_keys.revoke", DELETE "/v1/creator/api-keys/{id}", Guard::Person, "Revokes an API key for ever.", "api_key", http::own_revoke),
    route!("api_keys.create", POST "/createApiKey", Guard::Operator, "Creates a creator's API key.", "api_key", by_secret::create),
    route!("api_keys.list", GET "/listApiKeys", Guard::Operator, "Lists creators' API keys.", "api_key", by_secret::list),
    route!("api_keys.list", POST "/listApiKeys", Guard::Operator, "Lists creators' API keys.", "api_key", by_secret::list),
    route!("api_keys.revoke", POST "/revokeApiKey", Guard::Operator, "Revokes one key by its value, or all of a creator's.", "api_key", by_secret::revoke),
    route!("api_keys.grant", POST "/operator/v1/tenants/{id}/api-keys", Guard::Operator, "Creates an API key of a tenant, or takes over one that exists elsewhere.", "api_key", http::operator_create),
    route!("api_keys.list", GET "/operator/v1/tenants/{id}/api-keys", Guard::Operator, "Lists a tenant's API keys.", "api_key", http::operator_list),
    route!("api_keys.revoke", DELETE "/operator/v1/tenants/{id}/api-keys/{key}", Guard::Operator, "Revokes a tenant's API key.", "api_key", http::operator_revoke),
];
