//! Proof that a visitor is no robot, where a shop asks for one: Cloudflare's Turnstile, or a small piece of work for his
//! browser (ALTCHA), which needs nobody else.
//!
//! A shop chooses by `PATCH /api/v1/integrations`. Who asks for an embedded checkout, for a free product or for a place on a
//! waiting list shows the proof, and it is checked here, once for each proof.

pub mod chores;
mod http;
mod rules;
pub mod service;
mod store;

use crate::http::{Guard, Route};
use crate::route;

/// Every place a puzzle is got at.
pub const ROUTES: &[Route] = &[
    route!("captcha.challenge", GET "/api/captcha/challenge", Guard::Public(None), "Gives a browser a piece of work that proves it is one.", "captcha", http::challenge),
];
