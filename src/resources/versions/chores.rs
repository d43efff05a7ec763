//! Removes the bytes that nothing refers to: what was deleted or replaced, and uploads that a crash cut off.

use crate::context::{Chore, House};
use crate::domain::time::DAY_MS;
use crate::domain::{Result, Timestamp};
use crate::store::{Tx, uploads};
use std::sync::Arc;
use uuid::Uuid;

/// Sweeps files.
pub const SWEEP: Chore = Chore {
    name: "file_sweep",
    next: |house, after| Box::pin(async move { uploads::next_due(house.store.read(), after).await }),
    run: |house, now| Box::pin(sweep(house, now)),
};

async fn sweep(house: Arc<House>, now: Timestamp) -> Result<bool> {
    let due = uploads::due(house.store.read(), now).await?;
    for row in &due {
        let id = row.id;
        house
            .store
            .command(async move |tx: &Tx| uploads::condemn(tx, id, now).await)
            .await?;
        if let Err(error) = remove(&house, id).await {
            tracing::warn!(file.id = %id, %error, "a file was not removed; trying again in a minute");
            house
                .store
                .command(async move |tx: &Tx| uploads::put_off(tx, id, now).await)
                .await?;
        }
    }
    if house.files.is_walk_due(house.clock.real_now()) {
        // Files that no row knows stay: the database may be the wrong one.
        let before = Timestamp(house.clock.real_now().0 - DAY_MS);
        house.files.clear_spool(before).await?;
    }
    Ok(u64::try_from(due.len()).is_ok_and(|rows| rows == uploads::BATCH_ROWS))
}

/// Removes a file that was given up, first its bytes, then its row.
///
/// # Errors
/// What the folder or the bucket says.
pub(super) async fn remove(house: &House, id: Uuid) -> Result<()> {
    house.files.remove(id).await?;
    house.store.command(async move |tx: &Tx| uploads::forget(tx, id).await).await
}
