//! Queries only.

use super::types::{ByCurrency, Tally};
use crate::context::Room;
use crate::domain::Result;
use crate::resources::access::service::HOLDERS;
use crate::resources::customers::service::COUNTER as CUSTOMERS;
use crate::resources::products::service::COUNTER as PRODUCTS;
use crate::store::counters::{self, CounterKey};
use crate::store::errors::map;
use crate::store::{Store, Tx};
use entities::sales_day::{self, Column};
use entities::{payment, product, refund_request};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, SimpleExpr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, Order, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    Select,
};
use std::collections::{BTreeMap, HashMap};
use std::ops::RangeInclusive;
use uuid::Uuid;

/// Rows of one statement when everything is summed anew.
const CHUNK_ROWS: usize = 200;

/// A whole number on every database; PostgreSQL widens sums.
fn sum(column: Column) -> SimpleExpr {
    column.sum().cast_as("bigint")
}

fn within(select: Select<sales_day::Entity>, days: Option<&RangeInclusive<i64>>) -> Select<sales_day::Entity> {
    match days {
        Some(days) => select.filter(Column::Day.between(*days.start(), *days.end())),
        None => select,
    }
}

/// The sums of a product, or of all where it is nil, in each currency.
pub(super) async fn totals(
    db: &impl ConnectionTrait,
    room: &Room,
    product: Uuid,
    days: Option<&RangeInclusive<i64>>,
) -> Result<ByCurrency> {
    let select = within(
        sales_day::of(room.tenant, room.mode).filter(Column::Product.eq(product)),
        days,
    );
    let select = select
        .select_only()
        .column(Column::Currency)
        .expr(sum(Column::RevenueMinor))
        .expr(sum(Column::Payments))
        .expr(sum(Column::RefundedMinor))
        .group_by(Column::Currency);
    let rows: Vec<(String, i64, i64, i64)> = select.into_tuple().all(db).await.map_err(map)?;
    let tally = |(currency, revenue, transactions, refunded)| {
        let tally = Tally {
            revenue,
            transactions,
            refunded,
        };
        (currency, tally)
    };
    // A currency whose payments have all dropped out is no news.
    Ok(rows
        .into_iter()
        .map(tally)
        .filter(|(_, tally)| *tally != Tally::default())
        .collect())
}

/// The days of a range on which a product was sold, or anything where it is nil.
pub(super) async fn days(
    db: &impl ConnectionTrait,
    room: &Room,
    product: Uuid,
    days: &RangeInclusive<i64>,
) -> Result<Vec<sales_day::Model>> {
    let select = within(
        sales_day::of(room.tenant, room.mode).filter(Column::Product.eq(product)),
        Some(days),
    );
    let select = select.filter(Column::Payments.gt(0)).order_by_asc(Column::Day);
    select.all(db).await.map_err(map)
}

/// The first day on which a product was sold, or anything where it is nil.
pub(super) async fn first_day(db: &impl ConnectionTrait, room: &Room, product: Uuid) -> Result<Option<i64>> {
    let sold = sales_day::of(room.tenant, room.mode)
        .filter(Column::Product.eq(product))
        .filter(Column::Payments.gt(0));
    let first = sold.order_by_asc(Column::Day).one(db).await.map_err(map)?;
    Ok(first.map(|row| row.day))
}

fn by_product(room: &Room, days: Option<&RangeInclusive<i64>>) -> Select<sales_day::Entity> {
    let all = sales_day::of(room.tenant, room.mode).filter(Column::Product.ne(Uuid::nil()));
    within(all, days).select_only()
}

/// The products that sold best: money and payments, all currencies added together.
pub(super) async fn best(
    db: &impl ConnectionTrait,
    room: &Room,
    days: Option<&RangeInclusive<i64>>,
    by_sales: bool,
    limit: u64,
) -> Result<Vec<(Uuid, i64, i64)>> {
    let mut order = [Column::RevenueMinor, Column::Payments];
    if by_sales {
        order.reverse();
    }
    let select = by_product(room, days)
        .column(Column::Product)
        .expr(sum(Column::RevenueMinor))
        .expr(sum(Column::Payments))
        .group_by(Column::Product)
        .having(sum(Column::Payments).gt(0))
        .order_by(sum(order[0]), Order::Desc)
        .order_by(sum(order[1]), Order::Desc)
        .order_by(Column::Product, Order::Asc)
        .limit(limit);
    select.into_tuple().all(db).await.map_err(map)
}

/// How many products sold anything.
pub(super) async fn sellers(db: &impl ConnectionTrait, room: &Room, days: Option<&RangeInclusive<i64>>) -> Result<i64> {
    let select = by_product(room, days).filter(Column::Payments.gt(0));
    let count: Option<i64> = select
        .expr(Expr::col(Column::Product).count_distinct())
        .into_tuple()
        .one(db)
        .await
        .map_err(map)?;
    Ok(count.unwrap_or(0))
}

/// Of each of some products and each currency: money and payments.
pub(super) async fn currencies(
    db: &impl ConnectionTrait,
    room: &Room,
    days: Option<&RangeInclusive<i64>>,
    products: Vec<Uuid>,
) -> Result<Vec<(Uuid, String, i64, i64)>> {
    let select = by_product(room, days).filter(Column::Product.is_in(products));
    let select = select
        .column(Column::Product)
        .column(Column::Currency)
        .expr(sum(Column::RevenueMinor))
        .expr(sum(Column::Payments))
        .group_by(Column::Product)
        .group_by(Column::Currency);
    select.into_tuple().all(db).await.map_err(map)
}

/// Products by their ids, deleted or not: what was sold stays known.
pub(super) async fn products(db: &impl ConnectionTrait, room: &Room, ids: Vec<Uuid>) -> Result<HashMap<Uuid, product::Model>> {
    let select = product::with_deleted_of(room.tenant, room.mode).filter(product::Column::Id.is_in(ids));
    let rows = select.all(db).await.map_err(map)?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// What is counted beside money.
#[derive(Clone, Copy, Debug)]
pub(super) struct Beside {
    pub(super) products: i64,
    pub(super) products_active: i64,
    pub(super) customers: i64,
    pub(super) holders: i64,
    pub(super) requests_pending: i64,
}

pub(super) async fn beside(store: &Store, room: &Room) -> Result<Beside> {
    let db = store.read();
    let counted = async |name: &str| counters::read(db, &CounterKey::new(room.tenant, room.mode, name)).await;
    let active = product::of(room.tenant, room.mode).filter(product::Column::Status.eq(product::Status::Published));
    let pending =
        refund_request::of(room.tenant, room.mode).filter(refund_request::Column::Status.eq(refund_request::Status::Pending));
    let whole = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    Ok(Beside {
        products: counted(PRODUCTS).await?,
        products_active: whole(active.count(db).await.map_err(map)?),
        customers: counted(CUSTOMERS).await?,
        holders: counted(HOLDERS).await?,
        requests_pending: whole(pending.count(db).await.map_err(map)?),
    })
}

/// Sums of each day, currencies added together.
pub(super) fn by_day(rows: &[sales_day::Model]) -> BTreeMap<i64, Tally> {
    let mut days: BTreeMap<i64, Tally> = BTreeMap::new();
    for row in rows {
        days.entry(row.day).or_default().add(tally(row));
    }
    days
}

/// The sums of a row.
pub(super) fn tally(row: &sales_day::Model) -> Tally {
    Tally {
        revenue: row.revenue_minor,
        transactions: row.payments,
        refunded: row.refunded_minor,
    }
}

/// Payments, revenue and refunds of a product on a day in a currency.
pub(super) type DayPaid = (Uuid, i64, String, i64, i64, i64);

/// What the completed payments of a tenant and mode come to, read from the payments themselves.
pub(super) async fn paid_by_day(tx: &Tx, tenant: Uuid, mode: entities::Mode) -> Result<Vec<DayPaid>> {
    // A number in the text: PostgreSQL takes two parameters of the same value for two things, and cannot group by them.
    let day = || Expr::cust("created_at / 86400000");
    let sum = |column: payment::Column| column.sum().cast_as("bigint");
    let select = payment::of(tenant, mode).filter(payment::Column::Status.eq(payment::Status::Completed));
    let select = select
        .select_only()
        .column(payment::Column::Product)
        .expr(day())
        .column(payment::Column::Currency)
        .expr(payment::Column::Id.count())
        .expr(sum(payment::Column::AmountMinor))
        .expr(sum(payment::Column::RefundedMinor))
        .group_by(payment::Column::Product)
        .group_by(day())
        .group_by(payment::Column::Currency);
    select.into_tuple().all(tx).await.map_err(map)
}

/// Forgets every day of a tenant and mode.
pub(super) async fn clear_days(tx: &Tx, tenant: Uuid, mode: entities::Mode) -> Result<()> {
    sales_day::delete_of(tenant, mode).exec(tx).await.map(|_| ()).map_err(map)
}

/// Adds to days; one that is not there begins.
pub(super) async fn add_days(tx: &Tx, rows: Vec<sales_day::Model>) -> Result<()> {
    for chunk in rows.chunks(CHUNK_ROWS) {
        sales_day::Entity::insert_many(chunk.iter().cloned().map(IntoActiveModel::into_active_model))
            .on_conflict(summed())
            .exec_without_returning(tx)
            .await
            .map_err(map)?;
    }
    Ok(())
}

/// A day that is there already is added to.
fn summed() -> OnConflict {
    let plus = |column: Column| Expr::col((sales_day::Entity, column)).add(Expr::col(("excluded", column)));
    let key = [Column::Tenant, Column::Mode, Column::Product, Column::Day, Column::Currency];
    let mut summed = OnConflict::columns(key);
    for column in [Column::Payments, Column::RevenueMinor, Column::RefundedMinor] {
        summed.value(column, plus(column));
    }
    summed
}
