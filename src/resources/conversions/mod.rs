//! Purchases told to Meta's Conversions API, where a shop wants it and the buyer, or the shop's mode, lets it.
//!
//! What is told is decided and written down in the command that books the sale; a chore sends it, tries again on the
//! schedule of webhooks, and gives up after the last. The event's id is the payment's, by which a repetition is known.

pub mod chores;
pub mod rules;
pub mod service;
mod store;
