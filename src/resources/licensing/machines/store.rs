//! Queries only.

use super::types::ListMachines;
use crate::context::Room;
use crate::domain::dialect::{PageInfo, PageRequest};
use crate::domain::{Result, Timestamp};
use crate::store::Store;
use crate::store::errors::map;
use crate::store::listing::{self, Sort};
use entities::policy::Uniqueness;
use entities::{license, machine};
use sea_orm::{ColumnTrait, ConnectionTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

/// Rows of one batch of the clock's work.
pub(super) const BATCH_ROWS: u64 = 100;

pub(super) async fn find(db: &impl ConnectionTrait, room: &Room, id: Uuid) -> Result<Option<machine::Model>> {
    machine::of(room.tenant, room.mode)
        .filter(machine::Column::Id.eq(id))
        .one(db)
        .await
        .map_err(map)
}

pub(super) async fn list(
    store: &Store,
    room: &Room,
    filter: &ListMachines,
    page: &PageRequest,
) -> Result<(Vec<machine::Model>, PageInfo)> {
    let mut select = machine::of(room.tenant, room.mode);
    if let Some(license) = filter.license_id {
        select = select.filter(machine::Column::License.eq(license));
    }
    let all = machine::with_deleted_of(room.tenant, room.mode);
    let sort = Sort::newest(machine::Column::CreatedAt, machine::Column::Id);
    listing::list(store.read(), select, all, sort, page).await
}

/// A machine of this fingerprint on another licence, within what it must be unique in.
pub(super) async fn elsewhere(
    db: &impl ConnectionTrait,
    license: &license::Model,
    uniqueness: Uniqueness,
    fingerprint: &str,
) -> Result<Option<machine::Model>> {
    let others = machine::of(license.tenant, license.mode)
        .filter(machine::Column::Fingerprint.eq(fingerprint))
        .filter(machine::Column::License.ne(license.id));
    let others = match uniqueness {
        Uniqueness::PerLicense => return Ok(None),
        Uniqueness::PerPolicy => others.filter(machine::Column::Policy.eq(license.policy)),
        Uniqueness::PerAccount => others,
    };
    others.one(db).await.map_err(map)
}

/// Sessions of a licence that hold a seat at a moment.
pub(in crate::resources::licensing) async fn seats(
    db: &impl ConnectionTrait,
    license: &license::Model,
    now: Timestamp,
) -> Result<i64> {
    let held = machine::of(license.tenant, license.mode)
        .filter(machine::Column::License.eq(license.id))
        .filter(machine::Column::SeatUntilAt.gt(now.0));
    let count = held.count(db).await.map_err(map)?;
    Ok(i64::try_from(count).unwrap_or(i64::MAX))
}

/// Machines of every tenant that have been silent for too long, the first ones first.
pub(in crate::resources::licensing) async fn due(db: &impl ConnectionTrait, now: Timestamp) -> Result<Vec<machine::Model>> {
    machine::anywhere()
        .filter(machine::Column::DueAt.lte(now.0))
        .order_by_asc(machine::Column::DueAt)
        .limit(BATCH_ROWS)
        .all(db)
        .await
        .map_err(map)
}

/// Whether a batch of the clock's work was full.
pub(in crate::resources::licensing) fn is_full_batch(rows: usize) -> bool {
    u64::try_from(rows).is_ok_and(|rows| rows >= BATCH_ROWS)
}

/// When the next machine after `after` counts as dead.
pub(in crate::resources::licensing) async fn next_due(db: &impl ConnectionTrait, after: Timestamp) -> Result<Option<Timestamp>> {
    let row = machine::anywhere()
        .filter(machine::Column::DueAt.gt(after.0))
        .order_by_asc(machine::Column::DueAt)
        .one(db)
        .await
        .map_err(map)?;
    Ok(row.and_then(|row| row.due_at).map(Timestamp))
}

/// A machine by its id alone, for the clock.
pub(in crate::resources::licensing) async fn by_id(
    db: &impl ConnectionTrait,
    row: &machine::Model,
) -> Result<Option<machine::Model>> {
    machine::of(row.tenant, row.mode)
        .filter(machine::Column::Id.eq(row.id))
        .one(db)
        .await
        .map_err(map)
}
