//! Answers kept for a repetition of the same `Idempotency-Key`.

use super::Store;
use super::errors::map;
use crate::domain::{Result, Timestamp};
use entities::idempotency::{self, Model};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

/// Records removed by one command; more would keep other commands waiting.
const PURGE_MAX: u64 = 500;

/// Finds the record of a key that has not run out.
pub async fn find(store: &Store, principal: &str, route: &str, key_digest: &[u8], now: Timestamp) -> Result<Option<Model>> {
    let kept = idempotency::by_key(principal, route, key_digest).filter(idempotency::Column::ExpiresAt.gt(now.0));
    kept.one(store.read()).await.map_err(map)
}

/// Removes one chunk of the answers that have run out; answers whether there may be more.
pub async fn purge(store: &Store, now: Timestamp) -> Result<bool> {
    let spent: Vec<Uuid> = idempotency::anywhere()
        .select_only()
        .column(idempotency::Column::Id)
        .filter(idempotency::Column::ExpiresAt.lte(now.0))
        .order_by_asc(idempotency::Column::ExpiresAt)
        .limit(PURGE_MAX)
        .into_tuple()
        .all(store.read())
        .await?;
    if spent.is_empty() {
        return Ok(false);
    }
    let is_full = spent.len() as u64 >= PURGE_MAX;
    store
        .command(async move |tx| {
            // Asked again: a key that ran out may have been taken up since.
            idempotency::delete_expired(now.0)
                .filter(idempotency::Column::Id.is_in(spent.iter().copied()))
                .exec(tx)
                .await?;
            Ok(is_full)
        })
        .await
}
