//! People: who can sign in. A person may own tenants and may buy anywhere.
//!
//! Passwords are argon2id digests, hashed on a bounded number of blocking threads; sessions and mailed links are opaque
//! tokens of which the rows keep digests. Whether an address is known is told by nothing but the 409 of a registration.
//! An address is proved by a token that was mailed to it; before that a person is whoever typed the address, and the first
//! proof takes from him what he set. [`members`] is who may act for a tenant.

mod http;
mod letters;
pub mod members;
mod pages;
mod passwords;
mod rules;
pub mod service;
mod store;
pub mod types;

pub use passwords::hash as hash_password;

use crate::http::{Guard, Route};
use crate::route;

/// Every place people are served at.
pub const ROUTES: &[Route] = &[
    route!("people.register", POST "/api/auth/register", Guard::Public(None), "Registers a person who can buy, and mails a link that proves the address.", "person", http::register),
    route!("people.verify", POST "/api/auth/verify", Guard::Public(None), "Proves an address by its mailed token, or mails a fresh one.", "person", http::verify),
    route!("people.login", POST "/api/auth/login", Guard::Public(None), "Opens a session.", "login", http::login).unremembered(),
    route!("people.link", POST "/api/auth/link", Guard::Public(None), "Mails a sign-in link, or opens a session by its token.", "login", http::link).unremembered(),
    route!("people.logout", POST "/api/auth/logout", Guard::Person, "Ends this session.", "session", http::logout),
    route!("people.sessions", GET "/api/auth/sessions", Guard::Person, "Lists one's sessions.", "session", http::sessions),
    route!("people.end_sessions", DELETE "/api/auth/sessions", Guard::Person, "Ends one's other sessions.", "session", http::end_sessions),
    route!("people.end_session", DELETE "/api/auth/sessions/{id}", Guard::Person, "Ends one of one's sessions.", "session", http::end_session),
    route!("people.forgot", POST "/api/auth/password/forgot", Guard::Public(None), "Mails a link that sets a new password.", "accepted", http::forgot),
    route!("people.reset", POST "/api/auth/password/reset", Guard::Public(None), "Sets a new password by its mailed token and ends every session.", "person", http::reset),
    route!("people.change_password", POST "/api/auth/password", Guard::Person, "Changes the password and ends the other sessions.", "person", http::change_password),
    route!("people.verify_page", GET "/auth/verify", Guard::Public(None), "Shows the page behind a mailed proof of address.", "page", pages::show_verify),
    route!("people.verify_form", POST "/auth/verify", Guard::Public(None), "Takes that page's form.", "page", pages::verify).raw().unremembered(),
    route!("people.reset_page", GET "/auth/reset", Guard::Public(None), "Shows the page behind a mailed password reset.", "page", pages::show_reset),
    route!("people.reset_form", POST "/auth/reset", Guard::Public(None), "Takes that page's form.", "page", pages::reset).raw().unremembered(),
    route!("people.link_page", GET "/auth/link", Guard::Public(None), "Shows the page behind a mailed sign-in link.", "page", pages::show_link),
    route!("people.link_form", POST "/auth/link", Guard::Public(None), "Takes that page's form.", "page", pages::link).raw().unremembered(),
    route!("people.invitation_page", GET "/auth/invitation", Guard::Public(None), "Shows the page behind a mailed invitation.", "page", pages::show_invitation),
    route!("people.invitation_form", POST "/auth/invitation", Guard::Public(None), "Takes that page's form.", "page", pages::invitation).raw().unremembered(),
];
