//! Queries only.

use crate::context::Room;
use crate::domain::Result;
use crate::domain::api_key::Digest;
use crate::domain::dialect::{PageInfo, PageRequest};
use crate::resources::tenants::types::TenantLimits;
use crate::store::errors::map;
use crate::store::listing::{self, Sort};
use crate::store::{Store, Tx};
use entities::{api_key, tenant};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use uuid::Uuid;

/// Keys the operator sees in one list.
const LIST_ALL_MAX: u64 = 10_000;

/// Keys are managed over both modes: a session sees all of its tenant's.
pub(super) async fn find(db: &impl ConnectionTrait, room: &Room, id: Uuid) -> Result<Option<api_key::Model>> {
    api_key::of_tenant(room.tenant)
        .filter(api_key::Column::Id.eq(id))
        .one(db)
        .await
        .map_err(map)
}

pub(super) async fn count_alive(tx: &Tx, room: &Room) -> Result<u64> {
    let alive = api_key::of_tenant(room.tenant).filter(api_key::Column::RevokedAt.is_null());
    alive.count(tx).await.map_err(map)
}

pub(super) async fn insert(tx: &Tx, row: &api_key::Model) -> Result<()> {
    api_key::Entity::insert(row.clone().into_active_model())
        .exec_without_returning(tx)
        .await
        .map(|_| ())
        .map_err(map)
}

/// Writes the row back, except what is counted behind the scenes.
pub(super) async fn replace(tx: &Tx, row: &api_key::Model) -> Result<()> {
    let mut active = row.clone().into_active_model().reset_all();
    active.not_set(api_key::Column::LastUsedAt);
    active.not_set(api_key::Column::LastUsedIp);
    active.not_set(api_key::Column::UsageCount);
    active.update(tx).await.map(|_| ()).map_err(map)
}

pub(super) async fn list(
    store: &Store,
    room: &Room,
    live_only: bool,
    page: &PageRequest,
) -> Result<(Vec<api_key::Model>, PageInfo)> {
    let mut select = api_key::of_tenant(room.tenant);
    if live_only {
        select = select.filter(api_key::Column::RevokedAt.is_null());
    }
    let sort = Sort::newest(api_key::Column::CreatedAt, api_key::Column::Id);
    listing::list(store.read(), select, api_key::of_tenant(room.tenant), sort, page).await
}

pub(super) async fn list_all(store: &Store) -> Result<Vec<(api_key::Model, String)>> {
    let rows = api_key::anywhere()
        .find_also_related(tenant::Entity)
        .order_by_desc(api_key::Column::CreatedAt)
        .limit(LIST_ALL_MAX)
        .all(store.read())
        .await
        .map_err(map)?;
    Ok(rows
        .into_iter()
        .filter_map(|(key, tenant)| tenant.map(|tenant| (key, tenant.slug)))
        .collect())
}

pub(super) async fn by_digest(store: &Store, digest: &Digest) -> Result<Option<(api_key::Model, tenant::Model)>> {
    let found = api_key::by_digest_anywhere(&digest.0)
        .find_also_related(tenant::Entity)
        .one(store.read())
        .await
        .map_err(map)?;
    Ok(found.and_then(|(key, tenant)| tenant.map(|tenant| (key, tenant))))
}

pub(super) async fn alive_of(store: &Store, id: Uuid) -> Result<Vec<(api_key::Model, tenant::Model)>> {
    let rows = api_key::of_tenant(id)
        .filter(api_key::Column::RevokedAt.is_null())
        .find_also_related(tenant::Entity)
        .all(store.read())
        .await
        .map_err(map)?;
    Ok(rows
        .into_iter()
        .filter_map(|(key, tenant)| tenant.map(|tenant| (key, tenant)))
        .collect())
}

pub(super) async fn tenant_limits(store: &Store, id: Uuid) -> Result<TenantLimits> {
    let row = tenant::by_id(id).one(store.read()).await.map_err(map)?;
    Ok(row
        .and_then(|row| serde_json::from_value(row.limits.0).ok())
        .unwrap_or_default())
}
