//! Queries of places at a sale price.

use crate::context::Room;
use crate::domain::{Error, Result, Timestamp};
use crate::store::errors::map;
use crate::store::{Tx, rows};
use entities::sale_hold;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, PaginatorTrait, QueryFilter};
use uuid::Uuid;

/// Places that are held at `now`.
pub(in super::super) async fn held_places(db: &impl ConnectionTrait, room: &Room, product: Uuid, now: Timestamp) -> Result<i64> {
    let held = sale_hold::of(room.tenant, room.mode)
        .filter(sale_hold::Column::Product.eq(product))
        .filter(sale_hold::Column::UntilAt.gt(now.0))
        .count(db)
        .await
        .map_err(map)?;
    i64::try_from(held).map_err(Error::internal)
}

/// Holds a place.
pub(in super::super) async fn hold_place(tx: &Tx, row: sale_hold::Model) -> Result<()> {
    rows::insert(tx, &row).await
}

/// Holds a place until another moment.
pub(in super::super) async fn prolong_place(tx: &Tx, room: &Room, checkout: Uuid, until: Timestamp) -> Result<()> {
    sale_hold::update_of(room.tenant, room.mode)
        .filter(sale_hold::Column::Checkout.eq(checkout))
        .col_expr(sale_hold::Column::UntilAt, Expr::value(until.0))
        .exec(tx)
        .await
        .map(|_| ())
        .map_err(map)
}

/// Ends a hold.
pub(in super::super) async fn free_place(tx: &Tx, room: &Room, checkout: Uuid) -> Result<()> {
    sale_hold::delete_of(room.tenant, room.mode)
        .filter(sale_hold::Column::Checkout.eq(checkout))
        .exec(tx)
        .await
        .map(|_| ())
        .map_err(map)
}

/// Forgets places that nobody holds any more.
pub async fn forget_places(tx: &Tx, now: Timestamp) -> Result<()> {
    sale_hold::delete_anywhere()
        .filter(sale_hold::Column::UntilAt.lte(now.0))
        .exec(tx)
        .await
        .map(|_| ())
        .map_err(map)
}
