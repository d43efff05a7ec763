//! What happens to subscriptions by the clock, beside the sandbox's.

use super::service;
use crate::context::Chore;

/// Tells providers of subscriptions that are to end with their period.
pub const ENDINGS: Chore = Chore {
    name: "subscription_endings",
    next: |house, after| Box::pin(async move { service::next_end_wanted(&house, after).await }),
    run: |house, now| Box::pin(async move { service::end_wanted(&house, now).await }),
};
