//! What is on the shelf: the list that anybody may order and narrow.
//!
//! What a narrowed list holds is sought once for each change of the shelf (`store/known.rs`): how much, and where it is little
//! which products. A page of little is sorted from these; one of much is walked to in its order, and each product looked at.

use super::super::rules::{self, Order};
use super::super::types::Browse;
use super::suspended;
use crate::domain::dialect::PageRequest;
use crate::domain::{Mode, Result};
use crate::resources::products::rules::SHELF;
use crate::store::errors::map;
use crate::store::known::{self, Found, List};
use crate::store::{Store, grams, search};
use entities::counter;
use entities::product::{self, Column};
use sea_orm::Order::{Asc, Desc};
use sea_orm::sea_query::{Expr, ExprTrait, Func, Query};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use std::collections::HashMap;
use uuid::Uuid;

/// One page of the shelf and how much there is of it. First ids by an index alone, so that a page far behind costs no look
/// at what it skips; then their rows.
pub(in crate::resources::market) async fn browse(
    store: &Store,
    filter: &Browse,
    page: &PageRequest,
) -> Result<(Vec<product::Model>, u64)> {
    let db = store.read();
    let order = rules::order(filter);
    let found = match filter.is_narrowing() {
        true => narrowed(store, filter).await?,
        false => Found {
            total: size(db).await?,
            ids: None,
        },
    };
    let select = match &found.ids {
        Some(ids) => these(ids),
        None => on_shelf().filter(condition(filter, walked(filter, order))),
    };
    let ids = page_of(db, select, order, (page, found.total)).await?;
    if ids.is_empty() {
        return Ok((Vec::new(), found.total));
    }
    let rows = product::anywhere()
        .filter(Column::Id.is_in(ids.iter().copied()))
        .all(db)
        .await
        .map_err(map)?;
    let mut rows: HashMap<Uuid, product::Model> = rows.into_iter().map(|row| (row.id, row)).collect();
    Ok((ids.iter().filter_map(|id| rows.remove(id)).collect(), found.total))
}

/// The ids of a page, from whichever end of the list is nearer: what lies before it is walked over.
async fn page_of(
    db: &impl ConnectionTrait,
    select: Select<product::Entity>,
    order: Order,
    (page, total): (&PageRequest, u64),
) -> Result<Vec<Uuid>> {
    let limit = u64::from(page.limit);
    let before = u64::from(page.page.unwrap_or(1).saturating_sub(1)) * limit;
    let rows = Ord::min(limit, total.saturating_sub(before));
    if rows == 0 {
        return Ok(Vec::new());
    }
    let behind = total.saturating_sub(before + rows);
    let is_backward = behind < before;
    let mut ids: Vec<Uuid> = sorted(select, order, is_backward)
        .select_only()
        .column(Column::Id)
        .offset(Ord::min(before, behind))
        .limit(rows)
        .into_tuple()
        .all(db)
        .await
        .map_err(map)?;
    if is_backward {
        ids.reverse();
    }
    Ok(ids)
}

fn sorted(select: Select<product::Entity>, order: Order, is_backward: bool) -> Select<product::Entity> {
    let (columns, is_descending): (&[Column], _) = match order {
        Order::Newest => (&[Column::ShelvedAt], true),
        Order::Popular => (&[Column::SalesCount, Column::ViewsCount], true),
        Order::Cheapest => (&[Column::PriceMinor], false),
        Order::Dearest => (&[Column::PriceMinor], true),
        Order::Rating => (&[Column::RatingRank, Column::RatingCount], true),
    };
    let direction = if is_descending != is_backward { Desc } else { Asc };
    let chained = columns.iter().chain([&Column::Id]);
    chained.fold(select, |select, column| select.order_by(*column, direction.clone()))
}

/// What a narrowed list holds.
async fn narrowed(store: &Store, filter: &Browse) -> Result<Found> {
    let db = store.read();
    let list = List {
        tenant: Uuid::nil(),
        mode: Mode::Live,
        changes: known::MARKET,
        narrowed: filter.narrowing(),
    };
    let search = async || {
        let text = filter.search.as_deref().unwrap_or_default();
        let select = match grams::products(db, None, text).await? {
            Some(candidates) => these(&candidates).filter(condition(filter, |_| false)),
            // Not deleted as whatever is on the shelf, said where PostgreSQL's index of texts wants to hear it.
            None => on_shelf()
                .filter(Column::DeletedAt.is_null())
                .filter(condition(filter, |_| true)),
        };
        let few = select.clone().select_only().column(Column::Id);
        let few = few.limit(known::ROWS_MAX as u64 + 1).into_tuple();
        let ids: Vec<Uuid> = few.all(db).await.map_err(map)?;
        if ids.len() <= known::ROWS_MAX {
            return Ok(Found {
                total: ids.len() as u64,
                ids: Some(ids.into()),
            });
        }
        let total = select.count(db).await.map_err(map)?;
        Ok(Found { total, ids: None })
    };
    store.known(list, search).await
}

/// Products that are on the shelf of shops that are open.
fn on_shelf() -> Select<product::Entity> {
    product::anywhere()
        .filter(Column::ShelvedAt.is_not_null())
        .filter(Column::Tenant.not_in_subquery(suspended()))
}

/// Those of some products that are on the shelf; no index of the shelf has to be walked for them.
fn these(ids: &[Uuid]) -> Select<product::Entity> {
    product::anywhere()
        .filter(Column::Id.is_in(ids.iter().copied()))
        .filter(search::unindexed((product::Entity, Column::ShelvedAt)).is_not_null())
        .filter(Column::Tenant.not_in_subquery(suspended()))
}

/// What of a condition the index of an order finds; everything else is looked for while that index is walked.
fn walked(filter: &Browse, order: Order) -> fn(&Column) -> bool {
    match order {
        Order::Cheapest | Order::Dearest => |column| matches!(column, Column::PriceMinor),
        Order::Newest if filter.category.len() == 1 => |column| matches!(column, Column::Category),
        Order::Newest if filter.category.is_empty() => |column| matches!(column, Column::Kind),
        _ => |_| false,
    }
}

/// What the caller narrows the list by; indexes of columns that are `indexed` may be used.
fn condition(filter: &Browse, indexed: fn(&Column) -> bool) -> Condition {
    let of = |column: Column| Expr::col((product::Entity, column));
    let mut parts: Vec<(Column, Condition)> = Vec::new();
    if let Some(text) = filter.search.as_deref().filter(|text| !text.is_empty()) {
        let holds = |column: Column| search::contains((product::Entity, column), text);
        let either = Condition::any().add(holds(Column::Name)).add(holds(Column::Description));
        parts.push((Column::Name, either));
    }
    let category = match filter.category.as_slice() {
        [] => None,
        [category] => Some(of(Column::Category).eq(category)),
        several => Some(of(Column::Category).is_in(several.iter().cloned())),
    };
    for (column, part) in [
        (Column::Category, category),
        (Column::Kind, filter.kind.as_ref().map(|kind| of(Column::Kind).eq(kind))),
        (
            Column::PriceMinor,
            filter.price_min_minor.map(|least| of(Column::PriceMinor).gte(least)),
        ),
        (
            Column::PriceMinor,
            filter.price_max_minor.map(|most| of(Column::PriceMinor).lte(most)),
        ),
    ] {
        parts.extend(part.map(|part| (column, Condition::all().add(part))));
    }
    let all = |parts: Vec<(Column, Condition)>| parts.into_iter().fold(Condition::all(), |all, (_, part)| all.add(part));
    let (sought, looked_at): (Vec<_>, Vec<_>) = parts.into_iter().partition(|(column, _)| indexed(column));
    match looked_at.is_empty() {
        true => all(sought),
        false => all(sought).add(search::looked_at(all(looked_at))),
    }
}

/// How much is on the shelf: a counter per shop, kept with every change.
async fn size(db: &impl ConnectionTrait) -> Result<u64> {
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
