//! Queries only.

use super::types::ListLabels;
use crate::context::Room;
use crate::domain::Result;
use crate::domain::dialect::{PageInfo, PageRequest};
use crate::store::counters::{self, CounterKey};
use crate::store::errors::map;
use crate::store::listing::{self, Sort};
use crate::store::search;
use crate::store::{Store, Tx, rows};
use entities::label::{self, Column, Kind, Model};
use entities::product_label;
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, Select,
};
use std::collections::HashSet;
use uuid::Uuid;

fn of(room: &Room, kind: Kind) -> Select<label::Entity> {
    label::of(room.tenant, room.mode).filter(Column::Kind.eq(kind))
}

pub(super) async fn find(db: &impl ConnectionTrait, room: &Room, kind: Kind, id: Uuid) -> Result<Option<Model>> {
    of(room, kind).filter(Column::Id.eq(id)).one(db).await.map_err(map)
}

/// Who has a slug.
pub(super) async fn holder(db: &impl ConnectionTrait, room: &Room, kind: Kind, slug: &str) -> Result<Option<Uuid>> {
    let found = of(room, kind).filter(Column::Slug.eq(slug)).one(db).await.map_err(map)?;
    Ok(found.map(|row| row.id))
}

pub(super) async fn insert(tx: &Tx, row: &Model) -> Result<()> {
    rows::insert(tx, row).await
}

pub(super) async fn replace(tx: &Tx, row: &Model) -> Result<()> {
    rows::replace(tx, row).await
}

pub(super) async fn delete(tx: &Tx, room: &Room, id: Uuid) -> Result<()> {
    product_label::delete_of(room.tenant, room.mode)
        .filter(product_label::Column::Label.eq(id))
        .exec(tx)
        .await
        .map_err(map)?;
    let row = label::delete_of(room.tenant, room.mode).filter(Column::Id.eq(id));
    row.exec(tx).await.map(|_| ()).map_err(map)
}

pub(super) async fn list(
    store: &Store,
    (room, kind): (&Room, Kind),
    total: &CounterKey,
    filter: &ListLabels,
    page: &PageRequest,
) -> Result<(Vec<Model>, PageInfo)> {
    let search = filter.search.as_deref().filter(|text| !text.is_empty());
    let select = of(room, kind).filter(Condition::all().add_option(search.map(like)));
    let (name, column) = match filter.sort_by.as_deref() {
        Some("name") => ("name", Column::Name),
        Some("slug") => ("slug", Column::Slug),
        _ => ("created_at", Column::CreatedAt),
    };
    let sort = Sort {
        name,
        column,
        id: Column::Id,
        descending: filter.sort_order.as_deref() != Some("asc"),
    };
    let (rows, mut info) = listing::list(store.read(), select.clone(), of(room, kind), sort, page).await?;
    if info.total.is_none() {
        info.total = Some(match search {
            Some(_) => select.count(store.read()).await.map_err(map)?,
            None => u64::try_from(counters::read(store.read(), total).await?).unwrap_or(0),
        });
    }
    Ok((rows, info))
}

fn like(text: &str) -> Condition {
    let within = |column: Column| search::contains((label::Entity, column), text);
    Condition::any().add(within(Column::Name)).add(within(Column::Slug))
}

/// The labels of some products, in the order they were given.
pub(super) async fn of_products(db: &impl ConnectionTrait, room: &Room, products: &[Uuid]) -> Result<Vec<(Uuid, Model)>> {
    if products.is_empty() {
        return Ok(Vec::new());
    }
    let links = product_label::of(room.tenant, room.mode)
        .filter(product_label::Column::Product.is_in(products.iter().copied()))
        .order_by_asc(product_label::Column::Place)
        .order_by_asc(product_label::Column::Label)
        .all(db)
        .await
        .map_err(map)?;
    let ids: HashSet<Uuid> = links.iter().map(|link| link.label).collect();
    let labels = by_ids(db, room, ids).await?;
    let named = links.iter().filter_map(|link| {
        let label = labels.iter().find(|label| label.id == link.label)?;
        Some((link.product, label.clone()))
    });
    Ok(named.collect())
}

/// By the primary key alone: beside it, SQLite would rather walk all of the tenant's rows.
async fn by_ids(db: &impl ConnectionTrait, room: &Room, ids: impl IntoIterator<Item = Uuid>) -> Result<Vec<Model>> {
    let found = label::anywhere().filter(Column::Id.is_in(ids)).all(db).await;
    let mut labels = found.map_err(map)?;
    let mode = entities::Mode::from(room.mode);
    labels.retain(|label| label.tenant == room.tenant && label.mode == mode);
    Ok(labels)
}

/// Which of these ids are labels of the kind.
pub(super) async fn known(tx: &Tx, room: &Room, kind: Kind, ids: &[Uuid]) -> Result<HashSet<Uuid>> {
    let labels = by_ids(tx, room, ids.iter().copied()).await?;
    Ok(labels
        .iter()
        .filter(|label| label.kind == kind)
        .map(|label| label.id)
        .collect())
}

/// Writes a product's labels of one kind anew.
pub(super) async fn replace_links(tx: &Tx, room: &Room, product: Uuid, (kind, ids): (Kind, &[Uuid])) -> Result<()> {
    let of_kind = Query::select()
        .column(Column::Id)
        .from(label::Entity)
        .and_where(Expr::col(Column::Tenant).eq(room.tenant))
        .and_where(Expr::col(Column::Kind).eq(match kind {
            Kind::Tag => "tag",
            Kind::Category => "category",
        }))
        .to_owned();
    product_label::delete_of(room.tenant, room.mode)
        .filter(product_label::Column::Product.eq(product))
        .filter(product_label::Column::Label.in_subquery(of_kind))
        .exec(tx)
        .await
        .map_err(map)?;
    let mut seen = HashSet::new();
    let rows = ids.iter().filter(|id| seen.insert(**id)).zip(0..).map(|(label, place)| {
        product_label::Model {
            product,
            label: *label,
            tenant: room.tenant,
            mode: room.mode.into(),
            place,
        }
        .into_active_model()
    });
    let rows: Vec<_> = rows.collect();
    if rows.is_empty() {
        return Ok(());
    }
    let insert = product_label::Entity::insert_many(rows);
    insert.exec_without_returning(tx).await.map(|_| ()).map_err(map)
}
