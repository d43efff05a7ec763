//! What happens to events by the clock.

use super::store;
use crate::context::{Chore, House};
use crate::domain::time::DAY_MS;
use crate::domain::{Result, Timestamp};
use std::sync::Arc;

/// How long an event is remembered: Stripe repeats one for three days, and an operator may for a month.
const KEPT_MS: i64 = 35 * DAY_MS;
/// Events that are forgotten at a time.
const BATCH_ROWS: u64 = 500;

/// Forgets events that nobody will repeat any more. Nothing falls due by it, so no clock stops for it.
pub const FORGETTING: Chore = Chore {
    name: "provider_events",
    next: |_, _| Box::pin(async { Ok(None) }),
    run: |house, now| Box::pin(forget(house, now)),
};

async fn forget(house: Arc<House>, now: Timestamp) -> Result<bool> {
    let before = Timestamp(now.0 - KEPT_MS);
    if !store::has_older(house.store.read(), before).await? {
        return Ok(false);
    }
    let gone = house
        .store
        .command(async move |tx| store::forget(tx, before, BATCH_ROWS).await)
        .await?;
    Ok(gone == BATCH_ROWS)
}
