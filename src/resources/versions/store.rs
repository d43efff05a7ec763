//! Queries only.

use crate::context::Room;
use crate::domain::Result;
use crate::domain::dialect::{PageInfo, PageRequest};
use crate::store::errors::map;
use crate::store::listing::{self, Sort};
use crate::store::{Store, Tx, rows};
use entities::version::{self, Column, Model};
use sea_orm::{ColumnTrait, ConnectionTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

/// Versions a product's page tells of.
const SHOWN_MAX: u64 = 100;

pub(super) async fn list(store: &Store, room: &Room, product: Uuid, page: &PageRequest) -> Result<(Vec<Model>, PageInfo)> {
    let select = version::of(room.tenant, room.mode).filter(Column::Product.eq(product));
    let sort = Sort::newest(Column::CreatedAt, Column::Id);
    let (rows, mut info) = listing::list(store.read(), select.clone(), select.clone(), sort, page).await?;
    if info.total.is_none() {
        info.total = Some(select.count(store.read()).await.map_err(map)?);
    }
    Ok((rows, info))
}

pub(super) async fn find(db: &impl ConnectionTrait, room: &Room, product: Uuid, id: Uuid) -> Result<Option<Model>> {
    version::of(room.tenant, room.mode)
        .filter(Column::Product.eq(product))
        .filter(Column::Id.eq(id))
        .one(db)
        .await
        .map_err(map)
}

pub(super) async fn is_taken(tx: &Tx, product: Uuid, name: &str) -> Result<bool> {
    let taken = version::of_product(product).filter(Column::Version.eq(name)).count(tx).await;
    Ok(taken.map_err(map)? > 0)
}

/// The versions of a product, the newest first.
pub(super) async fn of_product(db: &impl ConnectionTrait, product: Uuid) -> Result<Vec<Model>> {
    version::of_product(product)
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id)
        .limit(SHOWN_MAX)
        .all(db)
        .await
        .map_err(map)
}

pub(super) async fn of_file(db: &impl ConnectionTrait, file: Uuid) -> Result<Option<Model>> {
    version::anywhere().filter(Column::File.eq(file)).one(db).await.map_err(map)
}

pub(super) async fn insert(tx: &Tx, row: &Model) -> Result<()> {
    rows::insert(tx, row).await
}

pub(super) async fn replace(tx: &Tx, row: &Model) -> Result<()> {
    rows::replace(tx, row).await
}

pub(super) async fn delete(tx: &Tx, room: &Room, id: Uuid) -> Result<()> {
    let deleted = version::delete_of(room.tenant, room.mode).filter(Column::Id.eq(id)).exec(tx);
    deleted.await.map(|_| ()).map_err(map)
}
