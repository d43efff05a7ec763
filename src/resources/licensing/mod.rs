//! Licences: who may use a product, on how many machines, until when, and how that is proved without asking.
//!
//! One table for every contract that issues licences: one made over the one is the same row over the other. Keys are kept as
//! a digest and sealed. `policies` are rules that licences share, `entitlements` the catalogue of what they unlock, `machines`
//! what uses them, `certificates` what proves them offline, `server` the license server with its own verbs. `sales` is how
//! money makes and ends them; `chores` is what the clock does, `uses` what
//! is counted without a write.

pub mod certificates;
pub mod chores;
pub mod entitlements;
pub mod issue;
pub mod keys;
pub mod licenses;
pub mod machines;
pub mod policies;
pub mod rules;
pub mod server;
pub mod service;
mod store;
pub mod tokens;
pub mod uses;
pub mod views;
