//! What happens to checkouts by the clock.

use crate::context::{Chore, House};
use crate::domain::{Result, Timestamp};
use crate::resources::sales::service as sales;
use crate::store::errors::map;
use entities::checkout::{self, Status};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};
use std::sync::Arc;

/// Ends checkouts nobody paid.
pub const EXPIRY: Chore = Chore {
    name: "checkout_expiry",
    next: |house, after| Box::pin(next(house, after)),
    run: |house, now| Box::pin(run(house, now)),
};

async fn next(house: Arc<House>, after: Timestamp) -> Result<Option<Timestamp>> {
    let row = checkout::anywhere()
        .filter(checkout::Column::Status.eq(Status::Open))
        .filter(checkout::Column::ExpiresAt.gt(after.0))
        .order_by_asc(checkout::Column::ExpiresAt)
        .one(house.store.read())
        .await
        .map_err(map)?;
    Ok(row.map(|row| Timestamp(row.expires_at)))
}

async fn run(house: Arc<House>, now: Timestamp) -> Result<bool> {
    let due = checkout::anywhere()
        .filter(checkout::Column::Status.eq(Status::Open))
        .filter(checkout::Column::ExpiresAt.lte(now.0))
        .one(house.store.read())
        .await
        .map_err(map)?;
    if due.is_none() {
        return Ok(false);
    }
    house
        .store
        .command(async move |tx| {
            sales::forget_places(tx, now).await?;
            checkout::update_anywhere()
                .filter(checkout::Column::Status.eq(Status::Open))
                .filter(checkout::Column::ExpiresAt.lte(now.0))
                .col_expr(checkout::Column::Status, Expr::value(Status::Expired))
                .col_expr(checkout::Column::UpdatedAt, Expr::value(now.0))
                .exec(tx)
                .await
                .map(|_| ())
                .map_err(map)
        })
        .await?;
    Ok(false)
}
