//! Refunds whose provider did not answer, or whose process died before it could write the answer down.

use super::{execute, requests, store};
use crate::context::{Chore, Deed, House, Room};
use crate::domain::code::Kind;
use crate::domain::{Result, Timestamp};
use crate::resources::sales::{refund as sales, service as sold};
use std::sync::Arc;

/// How long a refund may be pending before it is told again, in milliseconds.
const PATIENCE_MS: i64 = 60_000;

/// Tells pending refunds again.
pub const RESUME: Chore = Chore {
    name: "refund_resume",
    // Nothing falls due at a moment of its own: a refund is pending for as long as a provider takes to answer.
    next: |_, _| Box::pin(async { Ok(None) }),
    run: |house, now| Box::pin(run(house, now)),
};

async fn run(house: Arc<House>, now: Timestamp) -> Result<bool> {
    for refund in store::stuck(house.store.read(), Timestamp(now.0 - PATIENCE_MS)).await? {
        let Some(room) = Room::find(house.store.read(), refund.tenant, refund.mode).await? else {
            continue;
        };
        let Some(payment) = sold::payment(house.store.read(), &room, refund.payment).await? else {
            continue;
        };
        let mut deed = Deed::of_house(&house, room, now);
        deed.actor.clone_from(&refund.actor);
        match execute::tell(&house, &deed, &refund, &payment).await {
            Ok(made) => {
                house
                    .store
                    .command(async move |tx| {
                        sales::complete(tx, &deed, refund.id, Some(&made.refund)).await?;
                        if let Some(id) = refund.request
                            && let Some(mut row) = store::request(tx, &deed.room, id).await?
                        {
                            requests::grant(&mut row, deed.now);
                            store::replace(tx, &row).await?;
                        }
                        Ok(())
                    })
                    .await?;
            }
            // The provider has refused, and the share is free again.
            Err(error) if error.kind() != Kind::Unavailable => {}
            Err(error) => {
                tracing::warn!(%error, "a refund still waits for its provider");
                return Ok(false);
            }
        }
    }
    Ok(false)
}
