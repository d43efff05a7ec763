//! Queries only.

use crate::domain::{Result, Timestamp};
use crate::store::errors::map;
use crate::store::{Tx, rows};
use entities::membership::{self, Role};
use entities::{invitation, person, tenant};
use sea_orm::{ColumnTrait, ConnectionTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

pub(super) async fn members(
    db: &impl ConnectionTrait,
    tenant: Uuid,
    limit: u64,
) -> Result<Vec<(membership::Model, person::Model)>> {
    let rows = membership::of_tenant(tenant)
        .find_also_related(person::Entity)
        .order_by_asc(membership::Column::CreatedAt)
        .order_by_asc(membership::Column::Person)
        .limit(limit)
        .all(db)
        .await
        .map_err(map)?;
    Ok(rows
        .into_iter()
        .filter_map(|(member, person)| person.map(|person| (member, person)))
        .collect())
}

pub(super) async fn member(
    db: &impl ConnectionTrait,
    tenant: Uuid,
    person: Uuid,
) -> Result<Option<(membership::Model, person::Model)>> {
    let found = membership::of_tenant(tenant)
        .filter(membership::Column::Person.eq(person))
        .find_also_related(person::Entity)
        .one(db)
        .await
        .map_err(map)?;
    Ok(found.and_then(|(member, person)| person.map(|person| (member, person))))
}

pub(super) async fn is_member(db: &impl ConnectionTrait, tenant: Uuid, email: &str) -> Result<bool> {
    let Some(person) = person::by_email(email).one(db).await.map_err(map)? else {
        return Ok(false);
    };
    Ok(member(db, tenant, person.id).await?.is_some())
}

pub(super) async fn count_owners(tx: &Tx, tenant: Uuid) -> Result<u64> {
    membership::of_tenant(tenant)
        .filter(membership::Column::Role.eq(Role::Owner))
        .count(tx)
        .await
        .map_err(map)
}

pub(super) async fn count(tx: &Tx, tenant: Uuid) -> Result<u64> {
    let members = membership::of_tenant(tenant).count(tx).await.map_err(map)?;
    let invited = invitation::of_tenant(tenant).count(tx).await.map_err(map)?;
    Ok(members + invited)
}

pub(super) async fn insert(tx: &Tx, row: &membership::Model) -> Result<()> {
    rows::insert(tx, row).await
}

pub(super) async fn delete(tx: &Tx, tenant: Uuid, person: Uuid) -> Result<()> {
    membership::delete_anywhere()
        .filter(membership::Column::Tenant.eq(tenant))
        .filter(membership::Column::Person.eq(person))
        .exec(tx)
        .await
        .map(|_| ())
        .map_err(map)
}

pub(super) async fn invitations(
    db: &impl ConnectionTrait,
    tenant: Uuid,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<invitation::Model>> {
    invitation::of_tenant(tenant)
        .filter(invitation::Column::ExpiresAt.gt(now.0))
        .order_by_asc(invitation::Column::CreatedAt)
        .order_by_asc(invitation::Column::Id)
        .limit(limit)
        .all(db)
        .await
        .map_err(map)
}

pub(super) async fn invitation(
    db: &impl ConnectionTrait,
    tenant: Uuid,
    id: Uuid,
    now: Timestamp,
) -> Result<Option<invitation::Model>> {
    invitation::of_tenant(tenant)
        .filter(invitation::Column::Id.eq(id))
        .filter(invitation::Column::ExpiresAt.gt(now.0))
        .one(db)
        .await
        .map_err(map)
}

/// An invitation that is good at `now`, with its tenant.
pub(super) async fn by_digest(
    db: &impl ConnectionTrait,
    digest: &[u8],
    now: Timestamp,
) -> Result<Option<(invitation::Model, tenant::Model)>> {
    let found = invitation::by_digest(digest)
        .filter(invitation::Column::ExpiresAt.gt(now.0))
        .find_also_related(tenant::Entity)
        .one(db)
        .await
        .map_err(map)?;
    Ok(found.and_then(|(row, tenant)| tenant.map(|tenant| (row, tenant))))
}

/// Puts an invitation in the place of an older one to the same address.
pub(super) async fn replace_invitation(tx: &Tx, row: &invitation::Model) -> Result<()> {
    invitation::delete_of_tenant(row.tenant)
        .filter(invitation::Column::Email.eq(&row.email))
        .exec(tx)
        .await
        .map_err(map)?;
    rows::insert(tx, row).await
}

/// Takes an invitation away; false where somebody else just did.
pub(super) async fn delete_invitation(tx: &Tx, row: &invitation::Model) -> Result<bool> {
    let gone = invitation::delete_of_tenant(row.tenant)
        .filter(invitation::Column::Id.eq(row.id))
        .exec(tx)
        .await
        .map_err(map)?;
    Ok(gone.rows_affected == 1)
}

pub(super) async fn tenant_name(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<String>> {
    Ok(tenant::by_id(id).one(db).await.map_err(map)?.map(|row| row.name))
}
