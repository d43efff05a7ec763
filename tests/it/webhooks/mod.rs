//! Webhook endpoints: made, changed, and what they may be.

mod answers;
mod targets;
