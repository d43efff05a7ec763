//! Queries only.

use crate::domain::{Result, Timestamp};
use crate::store::errors::map;
use crate::store::{Tx, rows};
use entities::{Document, checkout, consent};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter};
use uuid::Uuid;

/// A checkout that waits to be paid.
pub(super) async fn open_checkout(tx: &Tx, id: Uuid) -> Result<Option<checkout::Model>> {
    let row = checkout::anywhere()
        .filter(checkout::Column::Id.eq(id))
        .one(tx)
        .await
        .map_err(map)?;
    Ok(row.filter(|row| row.status == checkout::Status::Open))
}

pub(super) async fn note(tx: &Tx, row: &checkout::Model, metadata: Document, now: Timestamp) -> Result<()> {
    checkout::update_of(row.tenant, row.mode)
        .filter(checkout::Column::Id.eq(row.id))
        .col_expr(checkout::Column::Metadata, Expr::value(metadata))
        .col_expr(checkout::Column::UpdatedAt, Expr::value(now.0))
        .exec(tx)
        .await
        .map(|_| ())
        .map_err(map)
}

pub(super) async fn insert(tx: &Tx, row: &consent::Model) -> Result<()> {
    rows::insert(tx, row).await
}
