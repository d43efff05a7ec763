//! Queries only.

use crate::context::Room;
use crate::domain::{Result, Timestamp};
use crate::store::errors::map;
use crate::store::{Tx, rows};
use entities::entitlement::Action;
use entities::{access, customer, entitlement, product};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

/// Expiries of one batch.
pub(super) const BATCH_ROWS: u64 = 100;

/// The access of a pair, in force or not.
pub async fn of_pair(db: &impl ConnectionTrait, room: &Room, customer: Uuid, product: Uuid) -> Result<Option<access::Model>> {
    access::of(room.tenant, room.mode)
        .filter(access::Column::Customer.eq(customer))
        .filter(access::Column::Product.eq(product))
        .one(db)
        .await
        .map_err(map)
}

pub(super) async fn by_id(db: &impl ConnectionTrait, room: &Room, id: Uuid) -> Result<Option<access::Model>> {
    access::of(room.tenant, room.mode)
        .filter(access::Column::Id.eq(id))
        .one(db)
        .await
        .map_err(map)
}

/// Whether the customer of an access may use anything else.
pub(super) async fn holds_another(tx: &Tx, room: &Room, row: &access::Model) -> Result<bool> {
    access::of(room.tenant, room.mode)
        .filter(access::Column::Customer.eq(row.customer))
        .filter(access::Column::Id.ne(row.id))
        .filter(access::Column::EndedAt.is_null())
        .one(tx)
        .await
        .map(|other| other.is_some())
        .map_err(map)
}

/// Everything that was ever said for or against an access, in order.
pub async fn entries(db: &impl ConnectionTrait, room: &Room, access: Uuid) -> Result<Vec<entitlement::Model>> {
    entitlement::of(room.tenant, room.mode)
        .filter(entitlement::Column::Access.eq(access))
        .order_by_asc(entitlement::Column::Id)
        .all(db)
        .await
        .map_err(map)
}

/// The accesses that a cause ever spoke for.
pub(super) async fn of_cause(tx: &Tx, room: &Room, cause: Uuid) -> Result<Vec<Uuid>> {
    entitlement::of(room.tenant, room.mode)
        .filter(entitlement::Column::CauseId.eq(cause))
        .filter(entitlement::Column::Action.eq(Action::Gave))
        .select_only()
        .column(entitlement::Column::Access)
        .distinct()
        .order_by_asc(entitlement::Column::Access)
        .into_tuple()
        .all(tx)
        .await
        .map_err(map)
}

pub(super) async fn insert(tx: &Tx, row: &access::Model) -> Result<()> {
    rows::insert(tx, row).await
}

pub(super) async fn replace(tx: &Tx, row: &access::Model) -> Result<()> {
    rows::replace(tx, row).await
}

pub(super) async fn add(tx: &Tx, row: &entitlement::Model) -> Result<()> {
    rows::insert(tx, row).await
}

/// Whose an access is and to what, also where either is deleted.
pub(super) async fn ends_of(
    db: &impl ConnectionTrait,
    room: &Room,
    row: &access::Model,
) -> Result<Option<(customer::Model, product::Model)>> {
    let customer = customer::with_deleted_of(room.tenant, room.mode)
        .filter(customer::Column::Id.eq(row.customer))
        .one(db)
        .await
        .map_err(map)?;
    let product = product::with_deleted_of(room.tenant, room.mode)
        .filter(product::Column::Id.eq(row.product))
        .one(db)
        .await
        .map_err(map)?;
    Ok(customer.zip(product))
}

/// Accesses of every tenant that have run out at `now`, the first ones first.
pub(super) async fn expired(db: &impl ConnectionTrait, now: Timestamp) -> Result<Vec<access::Model>> {
    access::anywhere()
        .filter(access::Column::EndedAt.is_null())
        .filter(access::Column::ExpiresAt.lte(now.0))
        .order_by_asc(access::Column::ExpiresAt)
        .limit(BATCH_ROWS)
        .all(db)
        .await
        .map_err(map)
}

/// When the next access after `after` runs out.
pub(super) async fn next_expiry(db: &impl ConnectionTrait, after: Timestamp) -> Result<Option<Timestamp>> {
    let row = access::anywhere()
        .filter(access::Column::EndedAt.is_null())
        .filter(access::Column::ExpiresAt.gt(after.0))
        .order_by_asc(access::Column::ExpiresAt)
        .one(db)
        .await
        .map_err(map)?;
    Ok(row.and_then(|row| row.expires_at).map(Timestamp))
}
