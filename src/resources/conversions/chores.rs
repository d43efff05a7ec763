//! Telling by the clock.

use super::{service, store};
use crate::context::Chore;

/// Tells an advertising network of sales.
pub const TELLING: Chore = Chore {
    name: "conversions",
    next: |house, after| Box::pin(async move { store::next(house.store.read(), after).await }),
    run: |house, now| Box::pin(async move { service::tell_due(&house, now).await }),
};
