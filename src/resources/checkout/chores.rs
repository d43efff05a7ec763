//! What happens to checkouts by the clock.

use super::store;
use crate::context::{Chore, House};
use crate::domain::{Result, Timestamp};
use std::sync::Arc;

/// Ends checkouts nobody paid.
pub const EXPIRY: Chore = Chore {
    name: "checkout_expiry",
    next: |house, after| Box::pin(next(house, after)),
    run: |house, now| Box::pin(run(house, now)),
};

async fn next(house: Arc<House>, after: Timestamp) -> Result<Option<Timestamp>> {
    store::next_end(house.store.read(), after).await
}

async fn run(house: Arc<House>, now: Timestamp) -> Result<bool> {
    if store::is_any_over(house.store.read(), now).await? {
        house.store.command(async move |tx| store::expire(tx, now).await).await?;
    }
    Ok(false)
}
