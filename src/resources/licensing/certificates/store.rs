//! Queries only.

use crate::context::Room;
use crate::domain::{Mode, Result};
use crate::store::Store;
use crate::store::errors::map;
use entities::license::{self, Status};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

/// Withdrawn licences in one list, the newest ones.
const LISTED_MAX: u64 = 10_000;

/// Licences of a room that were withdrawn or banned, deleted ones too, the newest first.
pub(super) async fn withdrawn(store: &Store, room: &Room) -> Result<Vec<license::Model>> {
    let all = || license::with_deleted_of(room.tenant, room.mode).limit(LISTED_MAX);
    let revoked = all()
        .filter(license::Column::RevokedAt.is_not_null())
        .filter(license::Column::Status.eq(Status::Revoked))
        .order_by_desc(license::Column::RevokedAt);
    let banned = all()
        .filter(license::Column::BannedAt.is_not_null())
        .filter(license::Column::Status.eq(Status::Banned))
        .order_by_desc(license::Column::BannedAt);
    let mut rows = revoked.all(store.read()).await.map_err(map)?;
    rows.extend(banned.all(store.read()).await.map_err(map)?);
    Ok(rows)
}

/// Hashes of a seller's orders whose licences were withdrawn, of those that begin so.
pub(super) async fn order_hashes(store: &Store, tenant: Uuid, prefix: &str) -> Result<Vec<String>> {
    let rows = license::with_deleted_of(tenant, Mode::Live)
        .filter(license::Column::OrderHash.gte(prefix))
        // Behind every text of hex digits that begins so.
        .filter(license::Column::OrderHash.lt(format!("{prefix}g")))
        .filter(license::Column::Status.is_in([Status::Revoked, Status::Banned]))
        .order_by_asc(license::Column::OrderHash)
        .limit(LISTED_MAX)
        .all(store.read())
        .await
        .map_err(map)?;
    let mut hashes: Vec<String> = rows.into_iter().filter_map(|row| row.order_hash).collect();
    hashes.dedup();
    Ok(hashes)
}
