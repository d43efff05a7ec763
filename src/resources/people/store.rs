//! Queries only.

use super::rules::Purpose;
use crate::domain::{Result, Timestamp};
use crate::store::errors::map;
use crate::store::{Tx, rows};
use entities::{customer, key_holder, membership, person, session, sign_in, tenant, token};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

/// Sessions shown in one list.
const SESSIONS_SHOWN: u64 = 200;

pub(super) async fn by_email(db: &impl ConnectionTrait, email: &str) -> Result<Option<person::Model>> {
    person::by_email(email).one(db).await.map_err(map)
}

/// Whether anybody bought with an address.
pub(super) async fn is_buyer(db: &impl ConnectionTrait, email: &str) -> Result<bool> {
    let found = customer::anywhere()
        .filter(customer::Column::Email.eq(email))
        .filter(customer::Column::Person.is_null())
        .one(db)
        .await
        .map_err(map)?;
    Ok(found.is_some())
}

pub(super) async fn by_id(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<person::Model>> {
    person::by_id(id).one(db).await.map_err(map)
}

pub(super) async fn insert(tx: &Tx, row: &person::Model) -> Result<()> {
    rows::insert(tx, row).await
}

pub(super) async fn replace(tx: &Tx, row: &person::Model) -> Result<()> {
    rows::replace(tx, row).await
}

pub(super) async fn insert_session(tx: &Tx, row: &session::Model) -> Result<()> {
    rows::insert(tx, row).await
}

/// Notes when a person last signed in; sessions are removed, this stays.
pub(super) async fn note_sign_in(tx: &Tx, person: Uuid, at: Timestamp) -> Result<()> {
    let row = sign_in::Model { person, last_at: at.0 };
    let mut latest = OnConflict::column(sign_in::Column::Person);
    latest.update_column(sign_in::Column::LastAt);
    let insert = sign_in::Entity::insert(row.into_active_model()).on_conflict(latest);
    insert.exec_without_returning(tx).await.map(|_| ()).map_err(map)
}

/// Ends one session of the person; false where it is not his or not there.
pub(super) async fn end_session(tx: &Tx, person: Uuid, id: Uuid) -> Result<bool> {
    let ended = session::delete_of_person(person)
        .filter(session::Column::Id.eq(id))
        .exec(tx)
        .await
        .map_err(map)?;
    Ok(ended.rows_affected > 0)
}

/// Ends the person's sessions, all or all but one.
pub(super) async fn end_sessions(tx: &Tx, person: Uuid, spared: Option<Uuid>) -> Result<()> {
    let mut ended = session::delete_of_person(person);
    if let Some(spared) = spared {
        ended = ended.filter(session::Column::Id.ne(spared));
    }
    ended.exec(tx).await.map(|_| ()).map_err(map)
}

pub(super) async fn sessions_of(db: &impl ConnectionTrait, person: Uuid, now: Timestamp) -> Result<Vec<session::Model>> {
    session::of_person(person)
        .filter(session::Column::ExpiresAt.gt(now.0))
        .order_by_desc(session::Column::CreatedAt)
        .order_by_desc(session::Column::Id)
        .limit(SESSIONS_SHOWN)
        .all(db)
        .await
        .map_err(map)
}

/// Puts a link in the place of the person's older ones of the same purpose; `person` may be nobody's id.
pub(super) async fn replace_token(tx: &Tx, person: Uuid, row: &token::Model) -> Result<()> {
    token::delete_of_person(person, &row.purpose).exec(tx).await.map_err(map)?;
    rows::insert(tx, row).await
}

/// Voids the person's links of these purposes.
pub(super) async fn void_tokens(tx: &Tx, person: Uuid, purposes: &[Purpose]) -> Result<()> {
    for purpose in purposes {
        token::delete_of_person(person, purpose.name()).exec(tx).await.map_err(map)?;
    }
    Ok(())
}

/// The link's row, if it is good at `now`.
pub(super) async fn good_token(
    db: &impl ConnectionTrait,
    purpose: Purpose,
    digest: &[u8],
    now: Timestamp,
) -> Result<Option<token::Model>> {
    token::by_digest(purpose.name(), digest)
        .filter(token::Column::UsedAt.is_null())
        .filter(token::Column::ExpiresAt.gt(now.0))
        .one(db)
        .await
        .map_err(map)
}

/// Marks a link as used; false where somebody else just used it.
pub(super) async fn use_token(tx: &Tx, id: Uuid, now: Timestamp) -> Result<bool> {
    let used = token::update_unused(id)
        .col_expr(token::Column::UsedAt, Expr::value(now.0))
        .exec(tx)
        .await
        .map_err(map)?;
    Ok(used.rows_affected == 1)
}

/// The tenants the person owns.
pub(super) async fn tenants_owned(db: &impl ConnectionTrait, person: Uuid) -> Result<Vec<Uuid>> {
    membership::of_person(person)
        .filter(membership::Column::Role.eq(membership::Role::Owner))
        .select_only()
        .column(membership::Column::Tenant)
        .into_tuple()
        .all(db)
        .await
        .map_err(map)
}

/// The person without a shop whose keys a tenant holds.
pub(super) async fn holder(db: &impl ConnectionTrait, tenant: Uuid) -> Result<Option<person::Model>> {
    match key_holder::of_tenant(tenant).one(db).await.map_err(map)? {
        Some(holder) => by_id(db, holder.person).await,
        None => Ok(None),
    }
}

/// Who has owned the tenant longest.
pub(super) async fn first_owner(db: &impl ConnectionTrait, tenant: Uuid) -> Result<Option<person::Model>> {
    let owner: Option<Uuid> = membership::of_tenant(tenant)
        .filter(membership::Column::Role.eq(membership::Role::Owner))
        .order_by_asc(membership::Column::CreatedAt)
        .order_by_asc(membership::Column::Person)
        .select_only()
        .column(membership::Column::Person)
        .limit(1)
        .into_tuple()
        .one(db)
        .await
        .map_err(map)?;
    match owner {
        Some(owner) => by_id(db, owner).await,
        None => Ok(None),
    }
}

/// Whether the person may act for the tenant.
pub(super) async fn is_member(db: &impl ConnectionTrait, person: Uuid, tenant: Uuid) -> Result<bool> {
    let member = membership::of_person(person).filter(membership::Column::Tenant.eq(tenant));
    Ok(member.one(db).await.map_err(map)?.is_some())
}

/// The slug of the tenant the person has owned longest.
pub(super) async fn first_shop(db: &impl ConnectionTrait, person: Uuid) -> Result<Option<String>> {
    let owned = membership::of_person(person)
        .filter(membership::Column::Role.eq(membership::Role::Owner))
        .find_also_related(tenant::Entity)
        .order_by_asc(membership::Column::CreatedAt)
        .order_by_asc(membership::Column::Tenant)
        .limit(1)
        .all(db)
        .await
        .map_err(map)?;
    Ok(owned.into_iter().find_map(|(_, tenant)| Some(tenant?.slug)))
}
