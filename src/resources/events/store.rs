//! Queries only.

use crate::context::Room;
use crate::domain::Result;
use crate::store::errors::map;
use entities::event::{self, Column};
use entities::{api_key, membership, session, tenant};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

/// The number of the room's newest event; 0 before the first.
pub(super) async fn last_sequence(db: &impl ConnectionTrait, room: &Room) -> Result<i64> {
    let newest = event::of(room.tenant, room.mode)
        .filter(Column::Seq.is_not_null())
        .order_by_desc(Column::Seq);
    let seq: Option<Option<i64>> = newest
        .select_only()
        .column(Column::Seq)
        .limit(1)
        .into_tuple()
        .one(db)
        .await
        .map_err(map)?;
    Ok(seq.flatten().unwrap_or(0))
}

/// The number of one of the room's events; none where it is another's, gone, or not numbered yet.
pub(super) async fn sequence_of(db: &impl ConnectionTrait, room: &Room, id: Uuid) -> Result<Option<i64>> {
    let row = event::of(room.tenant, room.mode)
        .filter(Column::Id.eq(id))
        .one(db)
        .await
        .map_err(map)?;
    Ok(row.and_then(|row| row.seq))
}

/// The room's events behind a number, in order. Numbers are drawn and committed in one order, so none is passed over.
pub(super) async fn after(db: &impl ConnectionTrait, room: &Room, seq: i64, limit: u64) -> Result<Vec<event::Model>> {
    let later = event::of(room.tenant, room.mode)
        .filter(Column::Seq.gt(seq))
        .order_by_asc(Column::Seq)
        .limit(limit);
    later.all(db).await.map_err(map)
}

/// A key as it is now.
pub(super) async fn key(db: &impl ConnectionTrait, tenant: Uuid, id: Uuid) -> Result<Option<api_key::Model>> {
    api_key::of_tenant(tenant)
        .filter(api_key::Column::Id.eq(id))
        .one(db)
        .await
        .map_err(map)
}

/// Whether the operator has suspended the tenant, or it is gone.
pub(super) async fn is_suspended(db: &impl ConnectionTrait, tenant: Uuid) -> Result<bool> {
    let row = tenant::by_id(tenant).one(db).await.map_err(map)?;
    Ok(row.is_none_or(|row| row.suspended))
}

/// Whether a session still stands and its person still belongs to the tenant.
pub(super) async fn stands(db: &impl ConnectionTrait, tenant: Uuid, person: Uuid, id: Uuid, now: i64) -> Result<bool> {
    let session = session::of_person(person)
        .filter(session::Column::Id.eq(id))
        .filter(session::Column::ExpiresAt.gt(now))
        .one(db)
        .await
        .map_err(map)?;
    if session.is_none() {
        return Ok(false);
    }
    let member = membership::of_tenant(tenant)
        .filter(membership::Column::Person.eq(person))
        .one(db)
        .await
        .map_err(map)?;
    Ok(member.is_some())
}
