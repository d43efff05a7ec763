//! Queries only.

use crate::context::Room;
use crate::domain::{Result, Timestamp};
use crate::store::errors::map;
use crate::store::{Tx, rows};
use entities::one_time_offer::{self, Column, Model};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter};
use uuid::Uuid;

pub(super) async fn active(db: &impl ConnectionTrait, room: &Room, product: Uuid) -> Result<Option<Model>> {
    one_time_offer::of(room.tenant, room.mode)
        .filter(Column::Product.eq(product))
        .filter(Column::IsActive.eq(true))
        .one(db)
        .await
        .map_err(map)
}

pub(super) async fn find(db: &impl ConnectionTrait, room: &Room, id: Uuid) -> Result<Option<Model>> {
    let row = one_time_offer::of(room.tenant, room.mode).filter(Column::Id.eq(id));
    row.one(db).await.map_err(map)
}

pub(super) async fn insert(tx: &Tx, row: &Model) -> Result<()> {
    rows::insert(tx, row).await
}

/// Ends the product's offer; the row stays for those who were shown it.
pub(super) async fn end(tx: &Tx, room: &Room, product: Uuid, now: Timestamp) -> Result<()> {
    one_time_offer::update_of(room.tenant, room.mode)
        .filter(Column::Product.eq(product))
        .filter(Column::IsActive.eq(true))
        .col_expr(Column::IsActive, Expr::value(false))
        .col_expr(Column::UpdatedAt, Expr::value(now.0))
        .exec(tx)
        .await
        .map(|_| ())
        .map_err(map)
}
