//! Sums over the uses of a coupon.

use super::super::types::Tally;
use crate::domain::Result;
use crate::store::errors::map;
use entities::coupon::Model;
use entities::coupon_redemption::{self, Column, Status};
use entities::product;
use sea_orm::sea_query::{Expr, ExprTrait, SimpleExpr};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Uses that are told one by one.
const RECENT: u64 = 10;

fn taken(coupon: &Model) -> Select<coupon_redemption::Entity> {
    coupon_redemption::of(coupon.tenant, coupon.mode)
        .filter(Column::Coupon.eq(coupon.id))
        .filter(Column::Status.eq(Status::Taken))
}

/// The sum of the discounts, as a whole number on every database.
fn amount() -> SimpleExpr {
    Column::DiscountMinor.sum().cast_as("bigint")
}

fn tally((count, amount): (i64, Option<i64>)) -> Tally {
    Tally {
        count,
        amount: amount.unwrap_or(0),
    }
}

/// Uses and discounts of each currency.
pub(in super::super) async fn totals(db: &impl ConnectionTrait, coupon: &Model) -> Result<BTreeMap<String, Tally>> {
    let select = taken(coupon).select_only().column(Column::Currency);
    let select = select.expr(Column::Id.count()).expr(amount()).group_by(Column::Currency);
    let rows: Vec<(String, i64, Option<i64>)> = select.into_tuple().all(db).await.map_err(map)?;
    Ok(rows
        .into_iter()
        .map(|(currency, count, sum)| (currency, tally((count, sum))))
        .collect())
}

/// How many buyers used it.
pub(in super::super) async fn buyers(db: &impl ConnectionTrait, coupon: &Model) -> Result<i64> {
    let select = taken(coupon).select_only().expr(Expr::col(Column::Email).count_distinct());
    let row: Option<i64> = select.into_tuple().one(db).await.map_err(map)?;
    Ok(row.unwrap_or(0))
}

/// The newest uses.
pub(in super::super) async fn recent(db: &impl ConnectionTrait, coupon: &Model) -> Result<Vec<coupon_redemption::Model>> {
    let select = taken(coupon).order_by_desc(Column::RedeemedAt).order_by_desc(Column::Id);
    select.limit(RECENT).all(db).await.map_err(map)
}

/// Uses and discounts of each day since a moment, by the number of the day since the epoch.
pub(in super::super) async fn by_day(db: &impl ConnectionTrait, coupon: &Model, from: i64) -> Result<BTreeMap<i64, Tally>> {
    // A number in the text: PostgreSQL takes two parameters of the same value for two things, and cannot group by them.
    let day = || Expr::cust("redeemed_at / 86400000");
    let select = taken(coupon).filter(Column::RedeemedAt.gte(from)).select_only();
    let select = select.expr(day()).expr(Column::Id.count()).expr(amount()).group_by(day());
    let rows: Vec<(i64, i64, Option<i64>)> = select.into_tuple().all(db).await.map_err(map)?;
    Ok(rows.into_iter().map(|(day, count, sum)| (day, tally((count, sum)))).collect())
}

/// Uses and discounts of each product, the one used for most first.
pub(in super::super) async fn by_product(
    db: &impl ConnectionTrait,
    coupon: &Model,
) -> Result<Vec<(Uuid, Option<String>, Tally)>> {
    let select = taken(coupon).select_only().column(Column::Product);
    let select = select.expr(Column::Id.count()).expr(amount()).group_by(Column::Product);
    let rows: Vec<(Uuid, i64, Option<i64>)> = select.into_tuple().all(db).await.map_err(map)?;
    let ids: Vec<Uuid> = rows.iter().map(|(id, _, _)| *id).collect();
    let named = product::with_deleted_of(coupon.tenant, coupon.mode).filter(product::Column::Id.is_in(ids));
    let named = named.select_only().column(product::Column::Id).column(product::Column::Name);
    let names: Vec<(Uuid, String)> = named.into_tuple().all(db).await.map_err(map)?;
    let names: BTreeMap<Uuid, String> = names.into_iter().collect();
    let mut uses: Vec<(Uuid, Option<String>, Tally)> = rows
        .into_iter()
        .map(|(id, count, sum)| (id, names.get(&id).cloned(), tally((count, sum))))
        .collect();
    uses.sort_by_key(|(id, _, tally)| (std::cmp::Reverse(tally.count), *id));
    Ok(uses)
}
