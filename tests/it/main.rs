//! All integration tests, in one binary: `harness` first, then one folder per flow or resource.
//!
//! A test is one behaviour and its name is a sentence. It talks HTTP to a server built by `App::build`, the same path as
//! production; the clock is fixed and moved by hand, so nothing sleeps. SQLite by default; with `TEST_DATABASE_URL` set,
//! a PostgreSQL database of its own per server.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test says what is wrong by failing")]

mod crash;
mod flows;
mod harness;
mod people;
mod shell;
mod simulation;
