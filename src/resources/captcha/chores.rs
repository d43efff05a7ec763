//! What happens to proofs by the clock.

use super::store;
use crate::context::{Chore, House};
use crate::domain::{Result, Timestamp};
use std::sync::Arc;

/// Forgets proofs that nobody can show any more. Nothing falls due by it, so no clock stops for it.
pub const FORGETTING: Chore = Chore {
    name: "captcha_solutions",
    next: |_, _| Box::pin(async { Ok(None) }),
    run: |house, now| Box::pin(forget(house, now)),
};

async fn forget(house: Arc<House>, now: Timestamp) -> Result<bool> {
    if store::has_over(house.store.read(), now).await? {
        house.store.command(async move |tx| store::forget(tx, now).await).await?;
    }
    Ok(false)
}
