//! What the sandbox's bank says by the clock.

use super::{service, store, subscriptions as clockwork};
use crate::context::{Chore, House, Room};
use crate::domain::{Result, Timestamp};
use crate::resources::subscriptions::service as subscriptions;
use std::sync::Arc;

/// Feeds events whose time has come to the handler of Stripe's.
pub const EVENTS: Chore = Chore {
    name: "sandbox_events",
    next: |house, after| Box::pin(async move { store::next(house.store.read(), after).await }),
    run: |house, now| Box::pin(run(house, now)),
};

/// Renews, announces, retries and ends the sandbox's subscriptions.
pub const CLOCKWORK: Chore = Chore {
    name: "sandbox_subscriptions",
    next: |house, after| Box::pin(async move { subscriptions::next_due(house.store.read(), after).await }),
    run: |house, now| Box::pin(turn(house, now)),
};

/// One that fails holds up none of the others; it is tried again in the next round.
async fn turn(house: Arc<House>, now: Timestamp) -> Result<bool> {
    let mut has_turned = false;
    for row in &subscriptions::due(house.store.read(), now).await? {
        match clockwork::turn(&house, row, now).await {
            Ok(turned) => has_turned |= turned,
            Err(error) => {
                let source = error.source().map(ToString::to_string).unwrap_or_default();
                tracing::error!(subscription.id = %row.id, %error, source, "a subscription's clockwork stands still");
            }
        }
    }
    // What is due next of a subscription may be due already.
    Ok(has_turned)
}

async fn run(house: Arc<House>, now: Timestamp) -> Result<bool> {
    let due = store::due(house.store.read(), now).await?;
    for mut row in due.iter().cloned() {
        if let Some(room) = Room::find(house.store.read(), row.tenant, row.mode).await? {
            service::feed(&house, &room, &row.body.0, now).await?;
        }
        row.done_at = Some(now.0);
        house.store.command(async move |tx| store::replace(tx, &row).await).await?;
    }
    Ok(u64::try_from(due.len()).is_ok_and(|rows| rows == store::BATCH_ROWS))
}
