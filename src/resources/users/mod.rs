//! Users: a tenant's customers as its staff see them, and what each may use.
//!
//! Nobody is made or removed here: a purchase or a grant's customer is. What a grant, an extension and a withdrawal mean is
//! decided in `access`; here is who may ask for them, and the chain of causes behind an access.

mod http;
pub mod rules;
pub mod service;
mod store;
pub mod types;

use crate::domain::Scope::{UsersRead, UsersWrite};
use crate::http::{Guard, Route};
use crate::route;

/// Every place users are reached at.
pub const ROUTES: &[Route] = &[
    route!("users.list", GET "/api/v1/users", Guard::Scope(UsersRead), "Lists customers.", "user", http::list),
    route!("users.get", GET "/api/v1/users/{id}", Guard::Scope(UsersRead), "Reads a customer.", "user", http::get),
    route!("users.access_list", GET "/api/v1/users/{id}/access", Guard::Scope(UsersRead), "Lists what a customer may use.", "user_access", http::access_list),
    route!("users.access_grant", POST "/api/v1/users/{id}/access", Guard::Scope(UsersWrite), "Gives a customer a product.", "access_grant", http::access_grant),
    route!("users.access_get", GET "/api/v1/users/{id}/access/{access_id}", Guard::Scope(UsersRead), "Reads an access.", "user_access", http::access_get),
    route!("users.access_update", PATCH "/api/v1/users/{id}/access/{access_id}", Guard::Scope(UsersWrite), "Moves the end of an access.", "user_access", http::access_update),
    route!("users.access_revoke", DELETE "/api/v1/users/{id}/access/{access_id}", Guard::Scope(UsersWrite), "Withdraws an access.", "user_access", http::access_revoke),
    route!("users.access_why", GET "/api/v1/users/{id}/access/{access_id}/why", Guard::Scope(UsersRead), "Says what gave and what took an access.", "access_why", http::access_why),
];
