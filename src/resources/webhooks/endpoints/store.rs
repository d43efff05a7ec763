//! Queries only.

use crate::context::Room;
use crate::domain::Result;
use crate::domain::dialect::{PageInfo, PageRequest};
use crate::store::errors::map;
use crate::store::listing::{self, Sort};
use crate::store::{Store, Tx};
use entities::{endpoint, product};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter};
use uuid::Uuid;

pub(super) async fn find(db: &impl ConnectionTrait, room: &Room, id: Uuid) -> Result<Option<endpoint::Model>> {
    endpoint::of(room.tenant, room.mode)
        .filter(endpoint::Column::Id.eq(id))
        .one(db)
        .await
        .map_err(map)
}

pub(super) async fn count(tx: &Tx, room: &Room) -> Result<u64> {
    endpoint::of(room.tenant, room.mode).count(tx).await.map_err(map)
}

pub(super) async fn insert(tx: &Tx, row: &endpoint::Model) -> Result<()> {
    endpoint::Entity::insert(row.clone().into_active_model())
        .exec_without_returning(tx)
        .await
        .map(|_| ())
        .map_err(map)
}

/// Writes the row back.
pub(super) async fn replace(tx: &Tx, row: &endpoint::Model) -> Result<()> {
    row.clone()
        .into_active_model()
        .reset_all()
        .update(tx)
        .await
        .map(|_| ())
        .map_err(map)
}

pub(super) async fn products_known(tx: &Tx, room: &Room, ids: &[Uuid]) -> Result<bool> {
    let found = product::of(room.tenant, room.mode).filter(product::Column::Id.is_in(ids.iter().copied()));
    found.count(tx).await.map(|count| count == ids.len() as u64).map_err(map)
}

pub(super) async fn list(
    store: &Store,
    room: &Room,
    active: Option<bool>,
    page: &PageRequest,
) -> Result<(Vec<endpoint::Model>, PageInfo)> {
    let mut select = endpoint::of(room.tenant, room.mode);
    if let Some(active) = active {
        select = select.filter(endpoint::Column::IsActive.eq(active));
    }
    let sort = Sort::newest(endpoint::Column::CreatedAt, endpoint::Column::Id);
    listing::list(
        store.read(),
        select,
        endpoint::with_deleted_of(room.tenant, room.mode),
        sort,
        page,
    )
    .await
}
