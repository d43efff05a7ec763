//! Queries only.

use crate::context::Room;
use crate::domain::Result;
use crate::domain::dialect::{PageInfo, PageRequest};
use crate::store::errors::map;
use crate::store::listing::{self, Sort};
use crate::store::{Store, Tx, rows};
use entities::order_bump::{self, Column, Model};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

pub(super) async fn find(db: &impl ConnectionTrait, room: &Room, id: Uuid) -> Result<Option<Model>> {
    let row = order_bump::of(room.tenant, room.mode).filter(Column::Id.eq(id));
    row.one(db).await.map_err(map)
}

/// Which bump offers one product beside another.
pub(super) async fn pair(tx: &Tx, room: &Room, main: Uuid, bump: Uuid) -> Result<Option<Uuid>> {
    let row = order_bump::of(room.tenant, room.mode)
        .filter(Column::MainProduct.eq(main))
        .filter(Column::BumpProduct.eq(bump));
    Ok(row.one(tx).await.map_err(map)?.map(|row| row.id))
}

pub(super) async fn insert(tx: &Tx, row: &Model) -> Result<()> {
    rows::insert(tx, row).await
}

pub(super) async fn replace(tx: &Tx, row: &Model) -> Result<()> {
    rows::replace(tx, row).await
}

pub(super) async fn delete(tx: &Tx, room: &Room, id: Uuid) -> Result<()> {
    let row = order_bump::delete_of(room.tenant, room.mode).filter(Column::Id.eq(id));
    row.exec(tx).await.map(|_| ()).map_err(map)
}

/// The active bumps of a main product, in the order they are shown.
pub(super) async fn active(db: &impl ConnectionTrait, room: &Room, main: Uuid) -> Result<Vec<Model>> {
    order_bump::of(room.tenant, room.mode)
        .filter(Column::MainProduct.eq(main))
        .filter(Column::IsActive.eq(true))
        .order_by_asc(Column::DisplayOrder)
        .order_by_asc(Column::CreatedAt)
        .order_by_asc(Column::Id)
        .all(db)
        .await
        .map_err(map)
}

pub(super) async fn list(store: &Store, room: &Room, main: Option<Uuid>, page: &PageRequest) -> Result<(Vec<Model>, PageInfo)> {
    let all = order_bump::of(room.tenant, room.mode);
    let wanted = Condition::all().add_option(main.map(|main| Column::MainProduct.eq(main)));
    let sort = Sort::newest(Column::CreatedAt, Column::Id);
    listing::list(store.read(), all.clone().filter(wanted), all, sort, page).await
}
