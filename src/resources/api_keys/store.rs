//! Queries only.

use super::types::ListKeys;
use crate::context::Room;
use crate::domain::api_key::Digest;
use crate::domain::dialect::{PageInfo, PageRequest};
use crate::domain::rate_limit::Grant;
use crate::domain::{Result, Timestamp};
use crate::store::errors::map;
use crate::store::listing::{self, Sort};
use crate::store::{Store, Tx, rows};
use entities::{api_key, tenant};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
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

pub(super) async fn count_working(tx: &Tx, room: &Room) -> Result<u64> {
    let working = api_key::of_tenant(room.tenant)
        .filter(api_key::Column::RevokedAt.is_null())
        .filter(api_key::Column::IsActive.eq(true));
    working.count(tx).await.map_err(map)
}

pub(super) async fn insert(tx: &Tx, row: &api_key::Model) -> Result<()> {
    rows::insert(tx, row).await
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
    filter: &ListKeys,
    page: &PageRequest,
) -> Result<(Vec<api_key::Model>, PageInfo)> {
    let mut select = api_key::of_tenant(room.tenant);
    if filter.leaves_revoked_out() {
        select = select.filter(api_key::Column::RevokedAt.is_null());
    }
    if let Some(mode) = filter.mode {
        select = select.filter(api_key::Column::Mode.eq(entities::Mode::from(mode)));
    }
    if let Some(dialect) = &filter.dialect {
        select = select.filter(api_key::Column::Dialect.eq(dialect));
    }
    let sort = Sort::newest(api_key::Column::CreatedAt, api_key::Column::Id);
    listing::list(store.read(), select, api_key::of_tenant(room.tenant), sort, page).await
}

pub(super) async fn list_all(store: &Store, dialect: &str) -> Result<Vec<(api_key::Model, tenant::Model)>> {
    let rows = api_key::anywhere()
        .filter(api_key::Column::Dialect.eq(dialect))
        .find_also_related(tenant::Entity)
        .order_by_desc(api_key::Column::CreatedAt)
        .limit(LIST_ALL_MAX)
        .all(store.read())
        .await
        .map_err(map)?;
    Ok(rows
        .into_iter()
        .filter_map(|(key, tenant)| tenant.map(|tenant| (key, tenant)))
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

/// The ids of a tenant's keys of a dialect that are not revoked.
pub(super) async fn alive(tx: &Tx, tenant: Uuid, dialect: &str) -> Result<Vec<Uuid>> {
    api_key::of_tenant(tenant)
        .select_only()
        .column(api_key::Column::Id)
        .filter(api_key::Column::Dialect.eq(dialect))
        .filter(api_key::Column::RevokedAt.is_null())
        .into_tuple()
        .all(tx)
        .await
        .map_err(map)
}

/// Revokes a tenant's keys of a dialect that are not revoked, in one statement.
pub(super) async fn end_alive(tx: &Tx, tenant: Uuid, dialect: &str, now: Timestamp) -> Result<()> {
    api_key::update_of_tenant(tenant)
        .filter(api_key::Column::Dialect.eq(dialect))
        .filter(api_key::Column::RevokedAt.is_null())
        .col_expr(api_key::Column::RevokedAt, Expr::value(now.0))
        .col_expr(api_key::Column::IsActive, Expr::value(false))
        .col_expr(api_key::Column::GraceUntilAt, Expr::value(None::<i64>))
        .col_expr(api_key::Column::UpdatedAt, Expr::value(now.0))
        .exec(tx)
        .await
        .map(|_| ())
        .map_err(map)
}

pub(super) async fn grant(store: &Store, tenant: Uuid) -> Result<Grant> {
    let row = tenant::by_id(tenant).one(store.read()).await.map_err(map)?;
    Ok(row.as_ref().map(grant_of).unwrap_or_default())
}

/// What the operator gave a tenant.
pub(super) fn grant_of(tenant: &tenant::Model) -> Grant {
    serde_json::from_value(tenant.limits.0.clone()).unwrap_or_default()
}
