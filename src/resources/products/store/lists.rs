//! Lists: a room's own, and what the marketplace shows.

use crate::context::Room;
use crate::domain::Result;
use crate::domain::dialect::{PageInfo, PageRequest};
use crate::resources::products::rules;
use crate::resources::products::service::{COUNTER, COUNTER_ACTIVE, COUNTER_ARCHIVED, COUNTER_DRAFT};
use crate::resources::products::types::ListProducts;
use crate::store::Store;
use crate::store::counters::{self, CounterKey};
use crate::store::errors::map;
use crate::store::known::{self, Found, List};
use crate::store::listing::{self, Sort};
use crate::store::names::LICENSE_SERVER;
use crate::store::{grams, search};
use entities::product::{self, Column};
use entities::product_label::{self, Column as Link};
use entities::{label, public_name};
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

/// Rows of a list over all tenants, which has no pages.
const EVERYWHERE_MAX: u64 = 1_000;

/// A page of the room's products and the total of the list. In large rooms what a narrowed list holds is sought once.
pub(in crate::resources::products) async fn list(
    store: &Store,
    room: &Room,
    filter: &ListProducts,
    page: &PageRequest,
) -> Result<(Vec<product::Model>, PageInfo)> {
    let status = filter.status.as_deref();
    let found = Found {
        total: total(store, room, status).await?,
        ids: None,
    };
    // So few of a status are sought like what is narrowed: in any order but their own they are far between.
    let is_rare = is_status(status) && found.total <= known::ROWS_MAX as u64;
    let found = match filter.is_narrowing_beyond_status() || is_rare {
        true => narrowed(store, room, filter, found).await?,
        false => found,
    };
    let select = match &found.ids {
        Some(ids) => these(room, ids),
        None => product::of(room.tenant, room.mode).filter(condition(Some(room), filter, Way::Ordered)),
    };
    let sort = sort(filter);
    if page.page.is_some() {
        return listing::numbered(store.read(), select, sort, page, found.total).await;
    }
    let all = product::with_deleted_of(room.tenant, room.mode);
    let (rows, mut info) = listing::list(store.read(), select, all, sort, page).await?;
    info.total = Some(found.total);
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
        .filter(Column::Id.in_subquery(named))
        .filter(Column::DeletedAt.is_null())
        .filter(condition(None, filter, Way::Found))
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id)
        .limit(EVERYWHERE_MAX)
        .all(db)
        .await
        .map_err(map)
}

/// The number of a status's products, from the counters.
async fn total(store: &Store, room: &Room, status: Option<&str>) -> Result<u64> {
    let read = async |name: &str| counters::read(store.read(), &CounterKey::new(room.tenant, room.mode, name)).await;
    let found = match status {
        Some("active" | "published") => read(COUNTER_ACTIVE).await?,
        Some("inactive") => read(COUNTER).await? - read(COUNTER_ACTIVE).await?,
        Some("draft") => read(COUNTER_DRAFT).await?,
        Some("archived") => read(COUNTER_ARCHIVED).await?,
        _ => read(COUNTER).await?,
    };
    Ok(u64::try_from(found).unwrap_or(0))
}

fn is_status(name: Option<&str>) -> bool {
    matches!(name, Some("active" | "published" | "inactive" | "draft" | "archived"))
}

/// What a narrowed list holds, of what is of its status.
async fn narrowed(store: &Store, room: &Room, filter: &ListProducts, of_status: Found) -> Result<Found> {
    let all = product::of(room.tenant, room.mode);
    if total(store, room, None).await? <= known::SMALL {
        if !filter.is_narrowing_beyond_status() {
            return Ok(of_status);
        }
        let total = all
            .filter(condition(Some(room), filter, Way::Ordered))
            .count(store.read())
            .await;
        return Ok(Found {
            total: total.map_err(map)?,
            ids: None,
        });
    }
    let list = List {
        tenant: room.tenant,
        mode: room.mode,
        changes: known::PRODUCTS,
        narrowed: format!("{:?}", filter.narrowing()),
    };
    let search = async || {
        let text = filter.search.as_deref().unwrap_or_default();
        let candidates = grams::products(store.read(), Some((room.tenant, room.mode)), text).await?;
        let all = match candidates {
            Some(ids) => these(room, &ids),
            None if filter.category.is_empty() && filter.tag.is_empty() => all,
            None => wrapped(room),
        };
        let select = all.filter(condition(Some(room), filter, Way::Found));
        let few = select
            .clone()
            .select_only()
            .column(Column::Id)
            .limit(known::ROWS_MAX as u64 + 1);
        let ids: Vec<Uuid> = few.into_tuple().all(store.read()).await.map_err(map)?;
        if ids.len() <= known::ROWS_MAX {
            return Ok(Found {
                total: ids.len() as u64,
                ids: Some(ids.into()),
            });
        }
        let total = select.count(store.read()).await.map_err(map)?;
        Ok(Found { total, ids: None })
    };
    store.known(list, search).await
}

/// Those of some products that are the room's.
fn these(room: &Room, ids: &[Uuid]) -> Select<product::Entity> {
    wrapped(room).filter(Column::Id.is_in(ids.iter().copied()))
}

/// The room's products, where their ids are known from elsewhere: SQLite would rather walk all rows of the tenant.
fn wrapped(room: &Room) -> Select<product::Entity> {
    product::anywhere()
        .filter(Column::DeletedAt.is_null())
        .filter(search::unindexed((product::Entity, Column::Tenant)).eq(room.tenant))
        .filter(search::unindexed((product::Entity, Column::Mode)).eq(room.mode.name()))
}

/// How a narrowed list is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// From what narrows it, whatever the order: whoever seeks few.
    Found,
    /// In its order, and each product is looked at: a page of many is full soon.
    Ordered,
}

/// What the caller narrows the list by.
fn condition(room: Option<&Room>, filter: &ListProducts, way: Way) -> Condition {
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
        let like = |column: Column| match way {
            Way::Found => search::contains((product::Entity, column), text),
            Way::Ordered => search::holds(search::unindexed((product::Entity, column)), text),
        };
        all = all.add(Condition::any().add(like(Column::Name)).add(like(Column::Description)));
    }
    for (kind, wanted) in [("category", &filter.category), ("tag", &filter.tag)] {
        for name in wanted {
            all = all.add(match way {
                Way::Found => Column::Id.in_subquery(labelled(room, kind, name)),
                Way::Ordered => {
                    let mut own = labelled(room, kind, name);
                    own.and_where(Expr::col((product_label::Entity, Link::Product)).equals((product::Entity, Column::Id)));
                    Expr::exists(own)
                }
            });
        }
    }
    let all = all.add_option(filter.kind.as_ref().map(|kind| Column::Kind.eq(kind)));
    let is_by_price = filter.sort_by.as_deref() == Some("price_minor");
    let price = || match way == Way::Found || is_by_price {
        true => Column::PriceMinor.into_expr(),
        false => search::unindexed((product::Entity, Column::PriceMinor)),
    };
    let all = all.add_option(filter.price_min_minor.map(|least| price().gte(least)));
    all.add_option(filter.price_max_minor.map(|most| price().lte(most)))
}

/// The products that have a label of the room, or of any, by its id or its slug.
fn labelled(room: Option<&Room>, kind: &str, name: &str) -> SelectStatement {
    let mut named = Query::select();
    named.column(label::Column::Id).from(label::Entity);
    if let Some(room) = room {
        named.and_where(Expr::col(label::Column::Tenant).eq(room.tenant));
        named.and_where(Expr::col(label::Column::Mode).eq(room.mode.name()));
    }
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
