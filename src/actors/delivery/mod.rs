//! The supervised pool that sends webhooks.

pub mod sender;
