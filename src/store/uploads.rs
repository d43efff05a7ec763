//! The ledger of uploaded files: what each tenant keeps, what is on its way, what is to be removed.
//!
//! A file's row is there before its bytes are and goes after them, so that no crash leaves bytes nobody knows of.

use super::Tx;
use super::errors::map;
use crate::domain::time::DAY_MS;
use crate::domain::{Code, Error, Result, Timestamp};
use entities::file::{self, Column, Model, State};
use sea_orm::sea_query::{Expr, ExprTrait, Func};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

/// Files looked at in one round of sweeping.
pub const BATCH_ROWS: u64 = 100;
/// How long an upload may be under way before it counts as cut off, in milliseconds.
const PENDING_MS: i64 = DAY_MS;
/// How long a file that nothing refers to waits: who condemned it removes it at once, unless he cannot.
const CONDEMNED_MS: i64 = 60_000;

/// Bytes a tenant stores, of both modes.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn bytes_of(db: &impl ConnectionTrait, tenant: Uuid) -> Result<u64> {
    // PostgreSQL sums whole numbers to decimals.
    let sum = Func::cast_as(Expr::col(Column::SizeBytes).sum(), "bigint");
    let sum: Option<Option<i64>> = file::anywhere()
        .filter(Column::Tenant.eq(tenant))
        .filter(Column::State.eq(State::Kept))
        .select_only()
        .column_as(Expr::expr(sum), "bytes")
        .into_tuple()
        .one(db)
        .await
        .map_err(map)?;
    Ok(sum.flatten().and_then(|sum| u64::try_from(sum).ok()).unwrap_or(0))
}

/// The refusal of what a tenant's quota has no room for.
pub fn quota_used_up() -> Error {
    Error::new(Code::TooLarge, "There is no room for this file: the shop's quota is used up.")
}

/// Adds a file.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn insert(tx: &Tx, row: &Model) -> Result<()> {
    let inserted = file::Entity::insert(row.clone().into_active_model()).exec_without_returning(tx);
    inserted.await.map(|_| ()).map_err(map)
}

/// The file of an id.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<Model>> {
    file::by_id(id).one(db).await.map_err(map)
}

/// Keeps a file whose bytes are durable, within the tenant's quota.
///
/// # Errors
/// `TooLarge` beyond the quota; `Conflict` where the file was swept meanwhile.
pub async fn keep(tx: &Tx, row: &Model, quota: u64) -> Result<()> {
    let used = bytes_of(tx, row.tenant).await?;
    let size = u64::try_from(row.size_bytes).unwrap_or(u64::MAX);
    if used.saturating_add(size) > quota {
        return Err(quota_used_up());
    }
    match advance(tx, row.id, (State::Pending, State::Kept), row.updated_at).await? {
        true => Ok(()),
        false => Err(Error::new(Code::Conflict, "The upload took too long; send it again.")),
    }
}

/// Gives a file up; its bytes are removed later.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn condemn(tx: &Tx, id: Uuid, now: Timestamp) -> Result<()> {
    for state in [State::Kept, State::Pending] {
        advance(tx, id, (state, State::Condemned), now.0).await?;
    }
    Ok(())
}

async fn advance(tx: &Tx, id: Uuid, states: (State, State), at: i64) -> Result<bool> {
    let done = file::update_by_id(id)
        .filter(Column::State.eq(states.0))
        .col_expr(Column::State, Expr::value(states.1))
        .col_expr(Column::UpdatedAt, Expr::value(at))
        .exec(tx)
        .await
        .map_err(map)?;
    Ok(done.rows_affected == 1)
}

/// Forgets a file whose bytes are gone.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn forget(tx: &Tx, id: Uuid) -> Result<()> {
    let gone = file::delete_anywhere()
        .filter(Column::Id.eq(id))
        .filter(Column::State.ne(State::Kept));
    gone.exec(tx).await.map(|_| ()).map_err(map)
}

/// Has a file that could not be removed wait before it is tried again.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn put_off(tx: &Tx, id: Uuid, now: Timestamp) -> Result<()> {
    advance(tx, id, (State::Condemned, State::Condemned), now.0).await.map(|_| ())
}

/// Files nothing will refer to, whose time has come.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn due(db: &impl ConnectionTrait, now: Timestamp) -> Result<Vec<Model>> {
    let ripe = |state: State, after: i64| Column::State.eq(state).and(Column::UpdatedAt.lte(now.0 - after));
    unkept()
        .filter(ripe(State::Pending, PENDING_MS).or(ripe(State::Condemned, CONDEMNED_MS)))
        .order_by_asc(Column::UpdatedAt)
        .limit(BATCH_ROWS)
        .all(db)
        .await
        .map_err(map)
}

/// The first moment after `after` at which a file's time comes.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn next_due(db: &impl ConnectionTrait, after: Timestamp) -> Result<Option<Timestamp>> {
    let mut next = None;
    for (state, wait) in [(State::Pending, PENDING_MS), (State::Condemned, CONDEMNED_MS)] {
        let first: Option<i64> = unkept()
            .filter(Column::State.eq(state))
            .filter(Column::UpdatedAt.gt(after.0 - wait))
            .select_only()
            .column(Column::UpdatedAt)
            .order_by_asc(Column::UpdatedAt)
            .limit(1)
            .into_tuple()
            .one(db)
            .await
            .map_err(map)?;
        next = next.into_iter().chain(first.map(|at| Timestamp(at + wait))).min();
    }
    Ok(next)
}

/// A batch of the files a tenant keeps, by id, from behind one.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn kept_of(db: &impl ConnectionTrait, tenant: Uuid, after: Uuid) -> Result<Vec<Model>> {
    file::anywhere()
        .filter(Column::Tenant.eq(tenant))
        .filter(Column::State.eq(State::Kept))
        .filter(Column::Id.gt(after))
        .order_by_asc(Column::Id)
        .limit(BATCH_ROWS)
        .all(db)
        .await
        .map_err(map)
}

/// Files that are not kept, by the index of those alone: a bound value would not tell the planner that it fits.
fn unkept() -> Select<file::Entity> {
    file::anywhere().filter(Expr::cust("state <> 'kept'"))
}
