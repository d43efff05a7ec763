//! People: who can sign in. A person may own tenants and may buy anywhere.
//!
//! Passwords are argon2id digests, hashed on a bounded number of blocking threads; sessions are opaque tokens of which
//! the row keeps the digest. Whether an address is known is told by nothing but the 409 of a registration.

mod http;
mod passwords;
pub mod service;
mod store;
pub mod types;

pub use passwords::hash as hash_password;

use crate::http::{Guard, Route};
use crate::route;

/// Every place people are served at.
pub const ROUTES: &[Route] = &[
    route!("people.register", POST "/api/auth/register", Guard::Public(None), "Registers a person who can buy.", "person", http::register),
    route!("people.login", POST "/api/auth/login", Guard::Public(None), "Opens a session.", "login", http::login),
    route!("people.logout", POST "/api/auth/logout", Guard::Person, "Ends this session.", "session", http::logout),
    route!("people.sessions", GET "/api/auth/sessions", Guard::Person, "Lists one's sessions.", "session", http::sessions),
    route!("people.end_sessions", DELETE "/api/auth/sessions", Guard::Person, "Ends one's other sessions.", "session", http::end_sessions),
    route!("people.change_password", POST "/api/auth/password", Guard::Person, "Changes the password and ends the other sessions.", "person", http::change_password),
];
