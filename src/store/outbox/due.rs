//! What is due, and when the next is.

use crate::domain::{Result, Timestamp};
use crate::store::{Store, lease};
use entities::delivery::{self, Column, Status};
use entities::endpoint;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

/// A due delivery, as far as choosing needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// The delivery.
    pub id: Uuid,
    /// Where it goes.
    pub endpoint: Uuid,
    /// Whose it is.
    pub tenant: Uuid,
}

/// What to look for.
#[derive(Clone, Debug)]
pub struct Search {
    /// Due by then, on the server's clock.
    pub now: Timestamp,
    /// Free at then, on the real clock.
    pub real_now: Timestamp,
    /// Endpoints to leave alone.
    pub not_endpoints: Vec<Uuid>,
    /// Tenants to leave alone.
    pub not_tenants: Vec<Uuid>,
    /// Rows at most.
    pub limit: u64,
}

/// Finds due and free deliveries, the longest due first.
pub async fn find(store: &Store, search: &Search) -> Result<Vec<Due>> {
    let mut due = delivery::due_anywhere(search.now.0).filter(lease::is_free(search.real_now));
    if !search.not_endpoints.is_empty() {
        due = due.filter(Column::Endpoint.is_not_in(search.not_endpoints.iter().copied()));
    }
    if !search.not_tenants.is_empty() {
        due = due.filter(Column::Tenant.is_not_in(search.not_tenants.iter().copied()));
    }
    let rows: Vec<(Uuid, Uuid, Uuid)> = due
        .select_only()
        .columns([Column::Id, Column::Endpoint, Column::Tenant])
        .order_by_asc(Column::DueAt)
        .limit(search.limit)
        .into_tuple()
        .all(store.read())
        .await?;
    Ok(rows
        .into_iter()
        .map(|(id, endpoint, tenant)| Due { id, endpoint, tenant })
        .collect())
}

/// Tells the next moment after `after` at which a delivery falls due, on the server's clock.
pub async fn next_after(store: &Store, after: Timestamp) -> Result<Option<Timestamp>> {
    let due_at: Option<Option<i64>> = delivery::anywhere()
        .filter(Column::DueAt.is_not_null())
        .filter(Column::DueAt.gt(after.0))
        .select_only()
        .column(Column::DueAt)
        .order_by_asc(Column::DueAt)
        .limit(1)
        .into_tuple()
        .one(store.read())
        .await?;
    Ok(due_at.flatten().map(Timestamp))
}

/// Counts the deliveries that wait for an attempt, now or later.
pub async fn pending(store: &Store) -> Result<u64> {
    let waiting = delivery::anywhere().filter(Column::DueAt.is_not_null());
    Ok(waiting.count(store.read()).await?)
}

/// Tells when the longest due delivery fell due, or when the next will.
pub async fn first(store: &Store) -> Result<Option<Timestamp>> {
    next_after(store, Timestamp(i64::MIN)).await
}

/// Counts the endpoints that were switched off for failing.
pub async fn disabled(store: &Store) -> Result<u64> {
    let disabled = endpoint::anywhere()
        .filter(endpoint::Column::DisabledAt.is_not_null())
        .filter(endpoint::Column::DeletedAt.is_null());
    Ok(disabled.count(store.read()).await?)
}

/// Reads endpoints by id, deleted ones too.
pub async fn endpoints(store: &Store, ids: &[Uuid]) -> Result<Vec<endpoint::Model>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let endpoints = endpoint::anywhere().filter(endpoint::Column::Id.is_in(ids.iter().copied()));
    Ok(endpoints.all(store.read()).await?)
}

/// Takes deliveries out of the queue without an attempt, because their endpoint is switched off or gone.
pub async fn shelve(store: &Store, ids: Vec<Uuid>, status: Status, now: Timestamp) -> Result<()> {
    store
        .command(async move |tx| {
            delivery::update_anywhere()
                .filter(Column::Id.is_in(ids.iter().copied()))
                .col_expr(Column::Status, Expr::value(status))
                .col_expr(Column::DueAt, Expr::value(Option::<i64>::None))
                .col_expr(Column::LeaseOwner, Expr::value(Option::<String>::None))
                .col_expr(Column::LeaseUntilAt, Expr::value(Option::<i64>::None))
                .col_expr(Column::UpdatedAt, Expr::value(now.0))
                .exec(tx)
                .await?;
            Ok(())
        })
        .await
}
