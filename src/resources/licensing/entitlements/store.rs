//! Queries only.

use crate::context::Room;
use crate::domain::Result;
use crate::domain::dialect::{PageInfo, PageRequest};
use crate::store::Store;
use crate::store::errors::map;
use crate::store::listing::{self, Sort};
use entities::feature;
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter};
use uuid::Uuid;

pub(super) async fn find(db: &impl ConnectionTrait, room: &Room, id: Uuid) -> Result<Option<feature::Model>> {
    feature::of(room.tenant, room.mode)
        .filter(feature::Column::Id.eq(id))
        .one(db)
        .await
        .map_err(map)
}

pub(super) async fn by_code(db: &impl ConnectionTrait, room: &Room, code: &str) -> Result<Option<feature::Model>> {
    feature::of(room.tenant, room.mode)
        .filter(feature::Column::Code.eq(code))
        .one(db)
        .await
        .map_err(map)
}

pub(super) async fn list(store: &Store, room: &Room, page: &PageRequest) -> Result<(Vec<feature::Model>, PageInfo)> {
    let select = feature::of(room.tenant, room.mode);
    let all = feature::with_deleted_of(room.tenant, room.mode);
    let sort = Sort::newest(feature::Column::CreatedAt, feature::Column::Id);
    listing::list(store.read(), select, all, sort, page).await
}
