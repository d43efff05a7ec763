//! What happens to accesses by the clock.

use super::{service, store};
use crate::context::{Chore, Deed, House, Room};
use crate::domain::{Result, Timestamp};
use std::sync::Arc;

/// Ends accesses that have run out.
pub const EXPIRY: Chore = Chore {
    name: "access_expiry",
    next: |house, after| Box::pin(async move { store::next_expiry(house.store.read(), after).await }),
    run: |house, now| Box::pin(expire_due(house, now)),
};

async fn expire_due(house: Arc<House>, now: Timestamp) -> Result<bool> {
    let due = store::expired(house.store.read(), now).await?;
    for row in &due {
        let Some(room) = Room::find(house.store.read(), row.tenant, row.mode).await? else {
            continue;
        };
        let (deed, id) = (Deed::of_house(&house, room, now), row.id);
        house
            .store
            .command(async move |tx| service::expire(tx, &deed, id).await)
            .await?;
    }
    Ok(u64::try_from(due.len()).is_ok_and(|rows| rows == store::BATCH_ROWS))
}
