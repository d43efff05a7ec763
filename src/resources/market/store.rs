//! Queries only.

use super::rules::{self, Days, Order};
use super::types::Browse;
use crate::context::{Looked, Room};
use crate::domain::Result;
use crate::domain::dialect::PageRequest;
use crate::resources::products::rules::SHELF;
use crate::store::errors::map;
use crate::store::names::MARKETPLACE;
use crate::store::{Store, Tx, search};
use entities::{Mode, counter, payment, product, product_view, public_name, tenant};
use sea_orm::sea_query::{self, Expr, ExprTrait, Func, OnConflict, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, Select,
};
use std::collections::HashMap;
use uuid::Uuid;

/// Products one report tells of.
const REPORTED_MAX: u64 = 10_000;

/// Products that are on the shelf of shops that are open.
fn on_shelf() -> Select<product::Entity> {
    product::anywhere()
        .filter(product::Column::ShelvedAt.is_not_null())
        .filter(product::Column::Tenant.not_in_subquery(suspended()))
}

fn suspended() -> SelectStatement {
    Query::select()
        .column(tenant::Column::Id)
        .from(tenant::Entity)
        .and_where(Expr::col(tenant::Column::Suspended).eq(true))
        .to_owned()
}

/// What the caller narrows the list by.
fn condition(filter: &Browse) -> Condition {
    use product::Column;
    let mut all = Condition::all();
    if let Some(text) = filter.search.as_deref().filter(|text| !text.is_empty()) {
        let holds = |column: Column| search::contains((product::Entity, column), text);
        all = all.add(Condition::any().add(holds(Column::Name)).add(holds(Column::Description)));
    }
    if !filter.category.is_empty() {
        all = all.add(Column::Category.is_in(filter.category.iter().cloned()));
    }
    let all = all.add_option(filter.kind.as_ref().map(|kind| Column::Kind.eq(kind)));
    let all = all.add_option(filter.price_min_minor.map(|price| Column::PriceMinor.gte(price)));
    all.add_option(filter.price_max_minor.map(|price| Column::PriceMinor.lte(price)))
}

/// One page of the shelf and how much there is of it. First ids by an index alone, so that a page far behind costs no look
/// at what it skips; then their rows.
pub(super) async fn browse(store: &Store, filter: &Browse, page: &PageRequest) -> Result<(Vec<product::Model>, u64)> {
    let db = store.read();
    let select = on_shelf().filter(condition(filter));
    let total = match filter.is_narrowing() {
        true => select.clone().count(db).await.map_err(map)?,
        false => shelf_size(db).await?,
    };
    let offset = u64::from(page.page.unwrap_or(1).saturating_sub(1)) * u64::from(page.limit);
    let ids: Vec<Uuid> = sorted(select, rules::order(filter))
        .select_only()
        .column(product::Column::Id)
        .offset(offset)
        .limit(u64::from(page.limit))
        .into_tuple()
        .all(db)
        .await
        .map_err(map)?;
    let found = product::anywhere()
        .filter(product::Column::Id.is_in(ids.iter().copied()))
        .all(db)
        .await
        .map_err(map)?;
    let mut rows: HashMap<Uuid, product::Model> = found.into_iter().map(|row| (row.id, row)).collect();
    Ok((ids.iter().filter_map(|id| rows.remove(id)).collect(), total))
}

fn sorted(select: Select<product::Entity>, order: Order) -> Select<product::Entity> {
    use product::Column;
    use sea_orm::Order::{Asc, Desc};
    let (columns, direction): (&[Column], _) = match order {
        Order::Newest => (&[Column::ShelvedAt], Desc),
        Order::Popular => (&[Column::SalesCount, Column::ViewsCount], Desc),
        Order::Cheapest => (&[Column::PriceMinor], Asc),
        Order::Dearest => (&[Column::PriceMinor], Desc),
        Order::Rating => (&[Column::RatingRank, Column::RatingCount], Desc),
    };
    let chained = columns.iter().chain([&Column::Id]);
    chained.fold(select, |select, column| select.order_by(*column, direction.clone()))
}

/// How much is on the shelf: a counter per shop, kept with every change.
async fn shelf_size(db: &impl ConnectionTrait) -> Result<u64> {
    let sum = Func::cast_as(Expr::col(counter::Column::Value).sum(), "bigint");
    let select = Query::select()
        .expr_as(sum, "total")
        .from(counter::Entity)
        // Written out, so that the planner sees that the index of this counter alone fits.
        .and_where(Expr::cust(format!("name = '{SHELF}'")))
        .and_where(Expr::col(counter::Column::Tenant).not_in_subquery(suspended()))
        .to_owned();
    let row = db.query_one(&select).await.map_err(map)?;
    let total: Option<i64> = match row {
        Some(row) => row.try_get("", "total").map_err(map)?,
        None => None,
    };
    Ok(total.and_then(|total| u64::try_from(total).ok()).unwrap_or(0))
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
