//! Queries only.

use crate::domain::{Result, Timestamp};
use crate::store::errors::map;
use crate::store::{Tx, rows};
use entities::sandbox_event;
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder, QuerySelect};

/// Events of one batch.
pub(super) const BATCH_ROWS: u64 = 50;

pub(super) async fn insert(tx: &Tx, row: &sandbox_event::Model) -> Result<()> {
    rows::insert(tx, row).await
}

pub(super) async fn replace(tx: &Tx, row: &sandbox_event::Model) -> Result<()> {
    rows::replace(tx, row).await
}

pub(super) async fn due(db: &impl ConnectionTrait, now: Timestamp) -> Result<Vec<sandbox_event::Model>> {
    sandbox_event::anywhere()
        .filter(sandbox_event::Column::DoneAt.is_null())
        .filter(sandbox_event::Column::DueAt.lte(now.0))
        .order_by_asc(sandbox_event::Column::DueAt)
        .limit(BATCH_ROWS)
        .all(db)
        .await
        .map_err(map)
}

pub(super) async fn next(db: &impl ConnectionTrait, after: Timestamp) -> Result<Option<Timestamp>> {
    let row = sandbox_event::anywhere()
        .filter(sandbox_event::Column::DoneAt.is_null())
        .filter(sandbox_event::Column::DueAt.gt(after.0))
        .order_by_asc(sandbox_event::Column::DueAt)
        .one(db)
        .await
        .map_err(map)?;
    Ok(row.map(|row| Timestamp(row.due_at)))
}
