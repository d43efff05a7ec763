//! From what a caller shows to the rows behind it, in a bounded number of queries.

use super::Store;
use super::errors::map;
use crate::domain::api_key::{Digest, TenantRoute};
use crate::domain::{Result, Timestamp};
use entities::{api_key, license, membership, person, session, tenant};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

/// Tenants a session's person may act for; beyond it the newest are left out.
const MEMBERSHIPS_MAX: u64 = 100;

/// Least time between two notes of a session's use, in milliseconds.
const SEEN_MS: i64 = 60_000;

/// A key and the tenant it belongs to.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyRow {
    /// The key's own row.
    pub key: api_key::Model,
    /// Its tenant.
    pub tenant: tenant::Model,
}

/// A session, its person and what that person may act for.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionRow {
    /// The session's own row; whether it has run out is the caller's to judge.
    pub session: session::Model,
    /// Who signed in.
    pub person: person::Model,
    /// The tenants he may act for, the oldest membership first.
    pub memberships: Vec<(membership::Model, tenant::Model)>,
}

/// Finds a key by the SHA-256 of its whole text, whatever its state; one query.
pub async fn key_by_digest(store: &Store, digest: &[u8; 32]) -> Result<Option<KeyRow>> {
    let found = api_key::by_digest_anywhere(digest)
        .find_also_related(tenant::Entity)
        .one(store.read())
        .await?;
    Ok(found.and_then(|(key, tenant)| Some(KeyRow { key, tenant: tenant? })))
}

/// Finds the licence of a key by the digest it is kept under, with its tenant; two queries.
pub async fn license_by_digest(store: &Store, digest: &[u8; 32]) -> Result<Option<(license::Model, tenant::Model)>> {
    let Some(license) = license::by_digest_anywhere(digest).one(store.read()).await? else {
        return Ok(None);
    };
    let tenant = tenant::by_id(license.tenant).one(store.read()).await?;
    Ok(tenant.map(|tenant| (license, tenant)))
}

/// Finds the tenant whose keys carry this route; one query.
pub async fn tenant_by_route(store: &Store, route: &[u8; 8]) -> Result<Option<tenant::Model>> {
    Ok(tenant::by_route(route).one(store.read()).await?)
}

/// Finds a session by the SHA-256 of its token; two queries.
pub async fn session_by_digest(store: &Store, digest: &[u8; 32]) -> Result<Option<SessionRow>> {
    let found = session::by_digest(digest)
        .find_also_related(person::Entity)
        .one(store.read())
        .await?;
    let Some((session, Some(person))) = found else {
        return Ok(None);
    };
    let rows = membership::of_person(person.id)
        .find_also_related(tenant::Entity)
        .order_by_asc(membership::Column::CreatedAt)
        .order_by_asc(membership::Column::Tenant)
        .limit(MEMBERSHIPS_MAX)
        .all(store.read())
        .await?;
    let memberships = rows
        .into_iter()
        .filter_map(|(member, tenant)| Some((member, tenant?)))
        .collect();
    Ok(Some(SessionRow {
        session,
        person,
        memberships,
    }))
}

/// Notes that a session was used; a use less than a minute after the last is not worth a write.
pub async fn touch_session(store: &Store, row: &session::Model, now: Timestamp) -> Result<()> {
    if now.0 - row.last_seen_at < SEEN_MS {
        return Ok(());
    }
    let id = row.id;
    store
        .command(async move |tx| {
            session::update_by_id(id)
                .filter(session::Column::LastSeenAt.lte(now.0 - SEEN_MS))
                .col_expr(session::Column::LastSeenAt, Expr::value(now.0))
                .exec(tx)
                .await
                .map(|_| ())
                .map_err(map)
        })
        .await
}

/// Finds the tenant that a row belongs to; one query.
pub async fn tenant(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<tenant::Model>> {
    Ok(tenant::by_id(id).one(db).await?)
}

/// Finds a tenant by its slug or its id, as operators name it; one query.
pub async fn tenant_by_name(store: &Store, name: &str) -> Result<Option<tenant::Model>> {
    let found = match Uuid::try_parse(name) {
        Ok(id) => tenant::by_id(id),
        Err(_) => tenant::by_slug(name),
    };
    Ok(found.one(store.read()).await?)
}

/// Finds which tenant a key without a route of its own belongs to, such as an imported one; one query.
pub async fn route_of_digest(store: &Store, digest: &Digest) -> Result<Option<TenantRoute>> {
    let found = key_by_digest(store, &digest.0).await?;
    Ok(found.and_then(|found| TenantRoute::from_slice(&found.tenant.route)))
}
