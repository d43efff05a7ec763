//! Lists: a room's own, and what the marketplace shows.

use crate::context::Room;
use crate::domain::Result;
use crate::domain::dialect::{PageInfo, PageRequest};
use crate::resources::products::rules;
use crate::resources::products::service::{COUNTER, COUNTER_ACTIVE};
use crate::resources::products::types::ListProducts;
use crate::store::Store;
use crate::store::counters::{self, CounterKey};
use crate::store::errors::map;
use crate::store::listing::{self, Sort};
use crate::store::names::LICENSE_SERVER;
use crate::store::search;
use entities::{label, product, product_label, public_name};
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

/// Rows of a list over all tenants, which has no pages.
const EVERYWHERE_MAX: u64 = 1_000;

pub(in crate::resources::products) async fn list(
    store: &Store,
    room: &Room,
    filter: &ListProducts,
    page: &PageRequest,
) -> Result<(Vec<product::Model>, PageInfo)> {
    let select = product::of(room.tenant, room.mode).filter(condition(filter));
    let all = product::with_deleted_of(room.tenant, room.mode);
    let sort = sort(filter);
    let (rows, mut info) = listing::list(store.read(), select.clone(), all, sort, page).await?;
    if info.total.is_none() {
        info.total = Some(match filter.is_narrowing_beyond_status() {
            true => select.count(store.read()).await.map_err(map)?,
            false => total(store, room, filter.status.as_deref()).await?,
        });
    }
    Ok((rows, info))
}

/// Products of every tenant that the license server knows, the newest first.
pub(in crate::resources::products) async fn list_everywhere(
    db: &impl ConnectionTrait,
    filter: &ListProducts,
) -> Result<Vec<product::Model>> {
    let mut named = Query::select();
    named.column(public_name::Column::Product).from(public_name::Entity);
    named.and_where(Expr::col(public_name::Column::Namespace).eq(LICENSE_SERVER));
    product::anywhere()
        .filter(product::Column::Id.in_subquery(named))
        .filter(product::Column::DeletedAt.is_null())
        .filter(condition(filter))
        .order_by_desc(product::Column::CreatedAt)
        .order_by_desc(product::Column::Id)
        .limit(EVERYWHERE_MAX)
        .all(db)
        .await
        .map_err(map)
}

/// The number of a status's products, from the counters where there is one.
async fn total(store: &Store, room: &Room, status: Option<&str>) -> Result<u64> {
    let read = async |name: &str| counters::read(store.read(), &CounterKey::new(room.tenant, room.mode, name)).await;
    let found = match status {
        Some("active" | "published") => read(COUNTER_ACTIVE).await?,
        Some("inactive") => read(COUNTER).await? - read(COUNTER_ACTIVE).await?,
        Some("draft" | "archived") => {
            let filter = ListProducts {
                status: status.map(str::to_owned),
                ..ListProducts::default()
            };
            let select = product::of(room.tenant, room.mode).filter(condition(&filter));
            return select.count(store.read()).await.map_err(map);
        }
        _ => read(COUNTER).await?,
    };
    Ok(u64::try_from(found).unwrap_or(0))
}

/// What the caller narrows the list by.
fn condition(filter: &ListProducts) -> Condition {
    use product::Column;
    let mut all = Condition::all();
    all = match filter.status.as_deref() {
        Some("active") => all.add(Column::Status.eq(product::Status::Published)),
        Some("inactive") => all.add(Column::Status.ne(product::Status::Published)),
        Some(name @ ("draft" | "published" | "archived")) => all.add(Column::Status.eq(name)),
        _ => all,
    };
    if !filter.include_all && !filter.visibility.is_empty() {
        all = filter
            .visibility
            .iter()
            .fold(Condition::any(), |any, name| any.add(visible_as(name)))
            .add_into(all);
    }
    if let Some(text) = filter.search.as_deref().filter(|text| !text.is_empty()) {
        let like = |column: Column| search::contains((product::Entity, column), text);
        all = all.add(Condition::any().add(like(Column::Name)).add(like(Column::Description)));
    }
    for (kind, wanted) in [("category", &filter.category), ("tag", &filter.tag)] {
        for name in wanted {
            all = all.add(Column::Id.in_subquery(labelled(kind, name)));
        }
    }
    let all = all.add_option(filter.kind.as_ref().map(|kind| Column::Kind.eq(kind)));
    let all = all.add_option(filter.price_min_minor.map(|price| Column::PriceMinor.gte(price)));
    all.add_option(filter.price_max_minor.map(|price| Column::PriceMinor.lte(price)))
}

/// The products that have a label, by its id or its slug; ids of other rooms lead to products of other rooms, which no list
/// of this one holds.
fn labelled(kind: &str, name: &str) -> SelectStatement {
    use product_label::Column as Link;
    let mut named = Query::select();
    named.column(label::Column::Id).from(label::Entity);
    named.and_where(Expr::col(label::Column::Kind).eq(kind));
    match Uuid::try_parse(name) {
        Ok(id) => named.and_where(Expr::col(label::Column::Id).eq(id)),
        Err(_) => named.and_where(Expr::col(label::Column::Slug).eq(name)),
    };
    let mut products = Query::select();
    products.column(Link::Product).from(product_label::Entity);
    products.and_where(Expr::col(Link::Label).in_subquery(named));
    products
}

fn visible_as(name: &str) -> Condition {
    use product::Column;
    let (status, listed) = match name {
        "live" => (product::Status::Published, Some(true)),
        "unlisted" => (product::Status::Published, Some(false)),
        "archived" => (product::Status::Archived, None),
        _ => (product::Status::Draft, None),
    };
    Condition::all()
        .add(Column::Status.eq(status))
        .add_option(listed.map(|listed| Column::IsListed.eq(listed)))
}

/// Chains a condition behind another.
trait AddInto {
    fn add_into(self, all: Condition) -> Condition;
}

impl AddInto for Condition {
    fn add_into(self, all: Condition) -> Condition {
        all.add(self)
    }
}

fn sort(filter: &ListProducts) -> Sort<'_, product::Entity> {
    use product::Column;
    let (name, column) = match filter.sort_by.as_deref() {
        Some("updated_at") => ("updated_at", Column::UpdatedAt),
        Some("name") => ("name", Column::Name),
        Some("price_minor") => ("price_minor", Column::PriceMinor),
        Some("slug") => ("slug", Column::Slug),
        Some("is_active") => ("is_active", Column::Status),
        Some("is_featured") => ("is_featured", Column::IsFeatured),
        _ => (rules::SORTS[0], Column::CreatedAt),
    };
    Sort {
        name,
        column,
        id: Column::Id,
        descending: filter.sort_order.as_deref() != Some("asc"),
    }
}
