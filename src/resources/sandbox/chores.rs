//! What the sandbox's bank says by the clock.

use super::{service, store};
use crate::context::{Chore, House};
use crate::domain::{Result, Timestamp};
use std::sync::Arc;

/// Feeds events whose time has come to the handler of Stripe's.
pub const EVENTS: Chore = Chore {
    name: "sandbox_events",
    next: |house, after| Box::pin(async move { store::next(house.store.read(), after).await }),
    run: |house, now| Box::pin(run(house, now)),
};

async fn run(house: Arc<House>, now: Timestamp) -> Result<bool> {
    let due = store::due(house.store.read(), now).await?;
    for mut row in due.iter().cloned() {
        if let Some(room) = store::room(house.store.read(), row.tenant, row.mode).await? {
            service::feed(&house, &room, &row.body.0, now).await?;
        }
        row.done_at = Some(now.0);
        house.store.command(async move |tx| store::replace(tx, &row).await).await?;
    }
    Ok(u64::try_from(due.len()).is_ok_and(|rows| rows == store::BATCH_ROWS))
}
