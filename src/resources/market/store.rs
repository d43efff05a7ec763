//! Queries only; `shelf` has those of the public list.

mod shelf;

pub(super) use shelf::browse;

use super::rules::Days;
use crate::context::{Looked, Room};
use crate::domain::Result;
use crate::store::Tx;
use crate::store::errors::map;
use crate::store::names::MARKETPLACE;
use entities::{Mode, payment, product, product_view, public_name, tenant};
use sea_orm::sea_query::{self, Expr, ExprTrait, Func, OnConflict, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

/// Products one report tells of.
const REPORTED_MAX: u64 = 10_000;

fn suspended() -> SelectStatement {
    Query::select()
        .column(tenant::Column::Id)
        .from(tenant::Entity)
        .and_where(Expr::col(tenant::Column::Suspended).eq(true))
        .to_owned()
}

pub(super) async fn shown(db: &impl ConnectionTrait, slug: &str) -> Result<Option<(product::Model, tenant::Model)>> {
    let named = public_name::by_name_anywhere(MARKETPLACE, slug).one(db).await.map_err(map)?;
    let Some(named) = named else { return Ok(None) };
    let Some(row) = shown_by_id(db, named.product).await? else {
        return Ok(None);
    };
    let tenant = tenant::by_id(row.tenant).one(db).await.map_err(map)?;
    Ok(tenant.map(|tenant| (row, tenant)))
}

/// A product of the marketplace; one that is not listed is shown to whoever knows its name.
pub(super) async fn shown_by_id(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<product::Model>> {
    use product::Column;
    product::anywhere()
        .filter(Column::Id.eq(id))
        .filter(Column::Namespace.eq(MARKETPLACE))
        .filter(Column::Mode.eq(Mode::Live))
        .filter(Column::Status.eq(product::Status::Published))
        .filter(Column::DeletedAt.is_null())
        .filter(Column::Tenant.not_in_subquery(suspended()))
        .one(db)
        .await
        .map_err(map)
}

/// Adds looks to their days and to their products.
pub(super) async fn add_views(tx: &Tx, looks: &[(Looked, i64)]) -> Result<()> {
    use product_view::Column;
    let rows = looks.iter().map(|(looked, number)| {
        product_view::Model {
            product: looked.product,
            day: looked.day,
            tenant: looked.tenant,
            mode: looked.mode.into(),
            views: *number,
        }
        .into_active_model()
    });
    let sum = Expr::col((product_view::Entity, Column::Views)).add(Expr::cust("excluded.views"));
    let conflict = OnConflict::columns([Column::Product, Column::Day])
        .value(Column::Views, sum)
        .to_owned();
    product_view::Entity::insert_many(rows)
        .on_conflict(conflict)
        .exec_without_returning(tx)
        .await
        .map_err(map)?;
    for (looked, number) in looks {
        product::update_of(looked.tenant, looked.mode)
            .filter(product::Column::Id.eq(looked.product))
            .col_expr(
                product::Column::ViewsCount,
                Expr::col(product::Column::ViewsCount).add(*number),
            )
            .exec(tx)
            .await
            .map_err(map)?;
    }
    Ok(())
}

/// What was paid, by product, day and currency; what went back since was paid all the same.
#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct Paid {
    pub product: Uuid,
    pub day: i64,
    pub currency: String,
    pub revenue_minor: i64,
    pub sales_count: i64,
}

pub(super) async fn paid(db: &impl ConnectionTrait, room: &Room, days: Days) -> Result<Vec<Paid>> {
    use payment::Column;
    let day = Expr::cust("cast(paid_at / 86400000 as bigint)");
    let revenue = Func::cast_as(Expr::col(Column::AmountMinor).sum(), "bigint");
    payment::of(room.tenant, room.mode)
        .filter(Column::PaidAt.gte(days.begin()))
        .filter(Column::PaidAt.lt(days.end()))
        .select_only()
        .column(Column::Product)
        .column(Column::Currency)
        .expr_as(day.clone(), "day")
        .expr_as(sea_query::SimpleExpr::from(revenue), "revenue_minor")
        .expr_as(Expr::col(Column::Id).count(), "sales_count")
        .group_by(Column::Product)
        .group_by(Column::Currency)
        .group_by(day)
        .into_model::<Paid>()
        .all(db)
        .await
        .map_err(map)
}

/// Looks by product.
#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct Seen {
    pub product: Uuid,
    pub views: i64,
}

pub(super) async fn seen(db: &impl ConnectionTrait, room: &Room, days: Days) -> Result<Vec<Seen>> {
    use product_view::Column;
    let views = Func::cast_as(Expr::col(Column::Views).sum(), "bigint");
    product_view::of(room.tenant, room.mode)
        .filter(Column::Day.gte(days.from))
        .filter(Column::Day.lt(days.until))
        .select_only()
        .column(Column::Product)
        .expr_as(sea_query::SimpleExpr::from(views), "views")
        .group_by(Column::Product)
        .into_model::<Seen>()
        .all(db)
        .await
        .map_err(map)
}

pub(super) async fn products(db: &impl ConnectionTrait, room: &Room) -> Result<Vec<product::Model>> {
    product::of(room.tenant, room.mode)
        .order_by_desc(product::Column::CreatedAt)
        .order_by_desc(product::Column::Id)
        .limit(REPORTED_MAX)
        .all(db)
        .await
        .map_err(map)
}
