//! All integration tests, in one binary: `harness` first, then one folder per flow or resource.
//!
//! A test is one behaviour and its name is a sentence. It talks HTTP to a server built by `App::build`, the same path as
//! production; the clock is fixed and moved by hand, so nothing sleeps. SQLite by default; with `TEST_DATABASE_URL` set,
//! a PostgreSQL database of its own per server.

#![recursion_limit = "256"]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test says what is wrong by failing")]

mod analytics;
mod api_keys;
mod audit;
mod captcha;
mod catalogue;
mod cgls;
mod consent;
mod cors;
mod coupons;
mod courses;
mod crash;
mod dialects;
mod embed;
mod export;
mod files;
mod flows;
mod guard;
mod harness;
mod idempotency;
mod keys;
mod licensing;
mod limits;
mod mails;
mod market;
mod payments;
mod people;
mod products;
mod receivers;
mod sales;
mod shell;
mod simulation;
mod ssrf;
mod stripe;
mod subscriptions;
mod system;
mod tenants;
mod users;
mod webhooks;
