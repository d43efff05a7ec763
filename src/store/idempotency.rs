//! Answers kept for a repetition of the same `Idempotency-Key`.

use super::Store;
use super::errors::map;
use crate::domain::{Result, Timestamp};
use entities::idempotency::{self, Model};
use sea_orm::{ColumnTrait, QueryFilter};

/// Finds the record of a key that has not run out.
pub async fn find(store: &Store, principal: &str, route: &str, key_digest: &[u8], now: Timestamp) -> Result<Option<Model>> {
    let kept = idempotency::by_key(principal, route, key_digest).filter(idempotency::Column::ExpiresAt.gt(now.0));
    kept.one(store.read()).await.map_err(map)
}
