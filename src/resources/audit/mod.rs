//! The audit log: who did what to keys, webhooks, sessions, settings and money.
//!
//! Entries are added by the commands that do the thing, in the same transaction, and never changed: no statement of this
//! server updates or deletes one. Each holds the hash of the one before it (`fondaco audit verify`). It spans live and
//! test data, so a test key does not read it.

mod http;
pub mod service;
mod store;
pub mod types;

use crate::http::{Guard, Route};
use crate::route;

/// Every place the log is read at.
pub const ROUTES: &[Route] = &[
    route!("audit.list", GET "/api/v1/audit-log", Guard::Everything, "Lists who did what, newest first.", "audit_entry", http::list),
];
