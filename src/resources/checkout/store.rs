//! Queries only.

use crate::domain::{Result, Timestamp};
use crate::store::Tx;
use crate::store::errors::map;
use entities::checkout::{self, Column, Status};
use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder, QuerySelect, SelectExt};

/// Written out, not a parameter: the index of open checkouts serves no other query.
fn open() -> SimpleExpr {
    Expr::cust("status = 'open'")
}

/// The next moment after `after` at which an open checkout ends.
pub(super) async fn next_end(db: &impl ConnectionTrait, after: Timestamp) -> Result<Option<Timestamp>> {
    let at: Option<i64> = checkout::anywhere()
        .filter(open())
        .filter(Column::ExpiresAt.gt(after.0))
        .select_only()
        .column(Column::ExpiresAt)
        .order_by_asc(Column::ExpiresAt)
        .limit(1)
        .into_tuple()
        .one(db)
        .await
        .map_err(map)?;
    Ok(at.map(Timestamp))
}

/// Whether an open checkout is past its end.
pub(super) async fn is_any_over(db: &impl ConnectionTrait, now: Timestamp) -> Result<bool> {
    let over = checkout::anywhere().filter(open()).filter(Column::ExpiresAt.lte(now.0));
    over.exists(db).await.map_err(map)
}

/// Ends every open checkout that is past its end.
pub(super) async fn expire(tx: &Tx, now: Timestamp) -> Result<()> {
    checkout::update_anywhere()
        .filter(open())
        .filter(Column::ExpiresAt.lte(now.0))
        .col_expr(Column::Status, Expr::value(Status::Expired))
        .col_expr(Column::UpdatedAt, Expr::value(now.0))
        .exec(tx)
        .await
        .map(|_| ())
        .map_err(map)
}
