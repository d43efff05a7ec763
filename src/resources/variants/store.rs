//! Queries only.

use crate::context::Room;
use crate::domain::Result;
use crate::domain::dialect::{PageInfo, PageRequest};
use crate::store::errors::map;
use crate::store::listing::{self, Sort};
use crate::store::{Store, Tx, rows};
use entities::variant_group::{self, Column, Model};
use entities::variant_link;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use uuid::Uuid;

pub(super) async fn find(db: &impl ConnectionTrait, room: &Room, id: Uuid) -> Result<Option<Model>> {
    let row = variant_group::of(room.tenant, room.mode).filter(Column::Id.eq(id));
    row.one(db).await.map_err(map)
}

/// Who has a slug.
pub(super) async fn holder(tx: &Tx, room: &Room, slug: &str) -> Result<Option<Uuid>> {
    let row = variant_group::of(room.tenant, room.mode).filter(Column::Slug.eq(slug));
    Ok(row.one(tx).await.map_err(map)?.map(|row| row.id))
}

pub(super) async fn insert(tx: &Tx, row: &Model) -> Result<()> {
    rows::insert(tx, row).await
}

pub(super) async fn replace(tx: &Tx, row: &Model) -> Result<()> {
    rows::replace(tx, row).await
}

pub(super) async fn delete(tx: &Tx, room: &Room, id: Uuid) -> Result<()> {
    let row = variant_group::delete_of(room.tenant, room.mode).filter(Column::Id.eq(id));
    row.exec(tx).await.map(|_| ()).map_err(map)
}

/// Puts links in the place of a group's own.
pub(super) async fn replace_links(tx: &Tx, room: &Room, group: Uuid, links: Vec<variant_link::Model>) -> Result<()> {
    let old = variant_link::delete_of(room.tenant, room.mode).filter(variant_link::Column::VariantGroup.eq(group));
    old.exec(tx).await.map_err(map)?;
    if links.is_empty() {
        return Ok(());
    }
    let rows = links.into_iter().map(IntoActiveModel::into_active_model);
    let insert = variant_link::Entity::insert_many(rows);
    insert.exec_without_returning(tx).await.map(|_| ()).map_err(map)
}

/// The links of some groups, each group's in order.
pub(super) async fn links(db: &impl ConnectionTrait, room: &Room, groups: &[Uuid]) -> Result<Vec<variant_link::Model>> {
    if groups.is_empty() {
        return Ok(Vec::new());
    }
    variant_link::of(room.tenant, room.mode)
        .filter(variant_link::Column::VariantGroup.is_in(groups.iter().copied()))
        .order_by_asc(variant_link::Column::DisplayOrder)
        .order_by_asc(variant_link::Column::Id)
        .all(db)
        .await
        .map_err(map)
}

pub(super) async fn list(store: &Store, room: &Room, page: &PageRequest) -> Result<(Vec<Model>, PageInfo)> {
    let all = variant_group::of(room.tenant, room.mode);
    let sort = Sort::newest(Column::CreatedAt, Column::Id);
    listing::list(store.read(), all.clone(), all, sort, page).await
}
