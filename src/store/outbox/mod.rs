//! The queue of the webhook sender, which is its tables: events that wait for fan-out, deliveries that wait for their
//! moment, and the record of each attempt.
//!
//! Everything here is safe to run twice and on several nodes: what decides is always a conditional update.

pub mod bodies;
pub mod due;
pub mod fan_out;
pub mod record;
pub mod status;

mod notice;
mod settle;
