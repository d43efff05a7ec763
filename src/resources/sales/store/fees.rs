//! Queries of fees that are still to be asked for.

use crate::domain::{Result, Timestamp};
use crate::store::errors::map;
use crate::store::{Tx, rows};
use entities::fee_reading::{self, Column, Model};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder, QuerySelect};

/// Questions of one round: each waits for the provider.
pub(in super::super) const BATCH_ROWS: u64 = 20;

/// Adds a question.
pub(in super::super) async fn insert_fee_reading(tx: &Tx, row: Model) -> Result<()> {
    rows::insert(tx, &row).await
}

/// What is to be asked at `now`.
pub(in super::super) async fn due_fees(db: &impl ConnectionTrait, now: Timestamp) -> Result<Vec<Model>> {
    fee_reading::anywhere()
        .filter(Column::DueAt.lte(now.0))
        .order_by_asc(Column::DueAt)
        .limit(BATCH_ROWS)
        .all(db)
        .await
        .map_err(map)
}

/// When the next question after a moment is due.
pub(in super::super) async fn next_fee(db: &impl ConnectionTrait, after: Timestamp) -> Result<Option<Timestamp>> {
    let row = fee_reading::anywhere().filter(Column::DueAt.gt(after.0));
    let row = row.order_by_asc(Column::DueAt).one(db).await.map_err(map)?;
    Ok(row.map(|row| Timestamp(row.due_at)))
}

/// Asks again at another moment.
pub(in super::super) async fn put_off_fee(tx: &Tx, row: &Model, until: Timestamp) -> Result<()> {
    fee_reading::update_of(row.tenant, row.mode)
        .filter(Column::Payment.eq(row.payment))
        .col_expr(Column::Attempt, Expr::value(row.attempt + 1))
        .col_expr(Column::DueAt, Expr::value(until.0))
        .exec(tx)
        .await
        .map(|_| ())
        .map_err(map)
}

/// Whether a question still stands.
pub(in super::super) async fn is_fee_awaited(tx: &Tx, row: &Model) -> Result<bool> {
    let own = fee_reading::of(row.tenant, row.mode).filter(Column::Payment.eq(row.payment));
    own.one(tx).await.map(|row| row.is_some()).map_err(map)
}

/// Ends a question.
pub(in super::super) async fn end_fee_reading(tx: &Tx, row: &Model) -> Result<()> {
    fee_reading::delete_of(row.tenant, row.mode)
        .filter(Column::Payment.eq(row.payment))
        .exec(tx)
        .await
        .map(|_| ())
        .map_err(map)
}
