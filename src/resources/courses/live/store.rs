//! Queries only.

use crate::context::Room;
use crate::domain::Result;
use crate::domain::dialect::{PageInfo, PageRequest};
use crate::store::errors::map;
use crate::store::listing::{self, Sort};
use crate::store::{Store, Tx, rows};
use entities::{course, live_session, recording};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

pub(super) async fn list(
    store: &Store,
    room: &Room,
    course: Uuid,
    page: &PageRequest,
) -> Result<(Vec<live_session::Model>, PageInfo)> {
    use live_session::Column;
    let all = live_session::of(room.tenant, room.mode).filter(Column::Course.eq(course));
    let sort = Sort {
        name: "starts_at",
        column: Column::StartsAt,
        id: Column::Id,
        descending: true,
    };
    listing::list(store.read(), all.clone(), all, sort, page).await
}

pub(super) async fn find(db: &impl ConnectionTrait, room: &Room, id: Uuid) -> Result<Option<live_session::Model>> {
    let found = live_session::of(room.tenant, room.mode).filter(live_session::Column::Id.eq(id));
    found.one(db).await.map_err(map)
}

/// The product that a course is sold as: endpoints may want events of some products only.
pub(super) async fn product_of(db: &impl ConnectionTrait, room: &Room, id: Uuid) -> Result<Vec<Uuid>> {
    let found = course::of(room.tenant, room.mode).filter(course::Column::Id.eq(id));
    Ok(found.one(db).await.map_err(map)?.map(|row| row.product).into_iter().collect())
}

/// Recordings of these sessions, the first one first.
pub(super) async fn recordings(db: &impl ConnectionTrait, room: &Room, sessions: &[Uuid]) -> Result<Vec<recording::Model>> {
    let found = recording::of(room.tenant, room.mode)
        .filter(recording::Column::LiveSession.is_in(sessions.iter().copied()))
        .order_by_asc(recording::Column::ReadyAt)
        .order_by_asc(recording::Column::Id);
    found.all(db).await.map_err(map)
}

pub(super) async fn insert(tx: &Tx, row: &live_session::Model) -> Result<()> {
    rows::insert(tx, row).await
}

pub(super) async fn insert_recording(tx: &Tx, row: &recording::Model) -> Result<()> {
    rows::insert(tx, row).await
}

pub(super) async fn replace(tx: &Tx, row: &live_session::Model) -> Result<()> {
    rows::replace(tx, row).await
}
