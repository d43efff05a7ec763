//! The entitlement ledger: what a customer may use, and every reason for it.
//!
//! An access is in force while any of its claims is open. A claim rests on one cause: a payment, a bundle, a subscription,
//! somebody's hand. Entries are only added; what holds follows from them (`rules`). Licences and enrolments follow the
//! access (`followers`).

pub mod chores;
mod followers;
pub mod rules;
pub mod service;
pub mod store;
pub mod types;
