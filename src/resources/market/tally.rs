//! Looks at products, counted in memory and written by the second: a look costs no write.
//!
//! What was counted is written within two seconds and at an orderly end; a crash loses that much.

use super::store;
use crate::context::{Chore, House, Tally};
use crate::domain::{Result, Timestamp};
use std::sync::Arc;

/// Products whose looks one command writes.
const CHUNK: usize = 500;

/// Writes what was counted.
pub const FLUSH: Chore = Chore {
    name: "view_flush",
    next: |_, _| Box::pin(async { Ok(None) }),
    run: |house, now| Box::pin(flush_due(house, now)),
};

async fn flush_due(house: Arc<House>, _: Timestamp) -> Result<bool> {
    flush(&house).await?;
    Ok(false)
}

/// Writes what was counted; what cannot be written stays counted.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn flush(house: &House) -> Result<()> {
    let mut counted = house.tally.take();
    while !counted.is_empty() {
        let chunk: Vec<_> = counted.split_off(counted.len().saturating_sub(CHUNK));
        let written = chunk.clone();
        let done = house
            .store
            .command(async move |tx| store::add_views(tx, &written).await)
            .await;
        if let Err(error) = done {
            house.tally.put_back(counted.into_iter().chain(chunk));
            return Err(error);
        }
    }
    Ok(())
}

/// Counts a look.
pub(super) fn count(tally: &Tally, row: &entities::product::Model, now: Timestamp) {
    tally.look(row.id, row.tenant, row.mode.into(), now);
}
