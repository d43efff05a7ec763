//! Queries only.

use crate::domain::{Result, Timestamp};
use crate::store::errors::map;
use crate::store::{Store, Tx};
use entities::conversion::{self, Column, Model};
use sea_orm::sea_query::Expr;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

/// Rows of one batch.
pub(super) const BATCH_ROWS: u64 = 20;

/// Adds a row; one of the same payment stays as it is.
pub(super) async fn insert(tx: &Tx, row: &Model) -> Result<()> {
    conversion::Entity::insert(row.clone().into_active_model())
        .on_conflict(OnConflict::column(Column::Id).do_nothing().to_owned())
        .exec_without_returning(tx)
        .await
        .map(|_| ())
        .map_err(map)
}

pub(super) async fn due(db: &impl ConnectionTrait, now: Timestamp) -> Result<Vec<Model>> {
    conversion::waiting()
        .filter(Column::DueAt.lte(now.0))
        .order_by_asc(Column::DueAt)
        .limit(BATCH_ROWS)
        .all(db)
        .await
        .map_err(map)
}

pub(super) async fn next(db: &impl ConnectionTrait, after: Timestamp) -> Result<Option<Timestamp>> {
    let row = conversion::waiting()
        .filter(Column::DueAt.gt(after.0))
        .order_by_asc(Column::DueAt)
        .one(db)
        .await
        .map_err(map)?;
    Ok(row.map(|row| Timestamp(row.due_at)))
}

/// Puts a row off before it is tried, so that nobody else tries it meanwhile; false where somebody did so first.
pub(super) async fn claim(store: &Store, id: Uuid, due_at: i64, until: i64) -> Result<bool> {
    store
        .command(async move |tx| {
            let claimed = conversion::update_claimed(id, due_at)
                .col_expr(Column::DueAt, Expr::value(until))
                .exec(tx)
                .await
                .map_err(map)?;
            Ok(claimed.rows_affected == 1)
        })
        .await
}

/// Records what came of an attempt, for whoever holds the claim.
pub(super) async fn record(store: &Store, claimed: i64, row: Model) -> Result<()> {
    store
        .command(async move |tx| {
            conversion::update_claimed(row.id, claimed)
                .col_expr(Column::DueAt, Expr::value(row.due_at))
                .col_expr(Column::Attempts, Expr::value(row.attempts))
                .col_expr(Column::SentAt, Expr::value(row.sent_at))
                .col_expr(Column::GivenUpAt, Expr::value(row.given_up_at))
                .col_expr(Column::LastError, Expr::value(row.last_error.clone()))
                .exec(tx)
                .await
                .map(|_| ())
                .map_err(map)
        })
        .await
}
