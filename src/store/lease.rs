//! Who is working on a delivery: claimed by conditional update, the same on both databases.
//!
//! A lease names node and boot and ends at a moment of real time, which no operator moves. A restart on a locked data
//! folder sets its predecessors' free at once; elsewhere they run out.

use super::Store;
use crate::domain::{Result, Timestamp};
use entities::delivery::{self, Column};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, PaginatorTrait, QueryFilter};
use uuid::Uuid;

/// How long a claim lasts, in milliseconds of real time: longer than any deadline and the recording after it.
pub const LEASE_MS: i64 = 60_000;

/// Whose claim it is and when it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// Node and boot.
    pub owner: String,
    /// On the real clock.
    pub until_at: Timestamp,
}

impl Lease {
    /// A claim that begins at `real_now`.
    pub fn new(owner: &str, real_now: Timestamp) -> Self {
        Self {
            owner: owner.to_owned(),
            until_at: Timestamp(real_now.0.saturating_add(LEASE_MS)),
        }
    }
}

/// Rows that nobody works on at `real_now`.
pub fn is_free(real_now: Timestamp) -> Condition {
    Condition::any()
        .add(Column::LeaseUntilAt.is_null())
        .add(Column::LeaseUntilAt.lte(real_now.0))
}

/// Claims those of the deliveries that are still due by `now` and free, and hands them out whole.
pub async fn claim(
    store: &Store,
    ids: Vec<Uuid>,
    lease: &Lease,
    now: Timestamp,
    real_now: Timestamp,
) -> Result<Vec<delivery::Model>> {
    let lease = lease.clone();
    store
        .command(async move |tx| {
            let claimed = delivery::update_anywhere()
                .filter(Column::Id.is_in(ids.iter().copied()))
                .filter(Column::DueAt.lte(now.0))
                .filter(is_free(real_now))
                .col_expr(Column::LeaseOwner, Expr::value(lease.owner.clone()))
                .col_expr(Column::LeaseUntilAt, Expr::value(lease.until_at.0))
                .exec_with_returning(tx)
                .await?;
            Ok(claimed)
        })
        .await
}

/// Sets free what other owners hold; only for a store that this process alone has open.
pub async fn release_others(store: &Store, owner: &str) -> Result<u64> {
    let owner = owner.to_owned();
    release(store, move || Column::LeaseOwner.ne(owner.clone())).await
}

/// Sets free what this owner holds.
pub async fn release_own(store: &Store, owner: &str) -> Result<u64> {
    let owner = owner.to_owned();
    release(store, move || Column::LeaseOwner.eq(owner.clone())).await
}

/// Counts what this owner holds.
pub async fn held(store: &Store, owner: &str) -> Result<u64> {
    let held = leased(delivery::anywhere()).filter(Column::LeaseOwner.eq(owner));
    Ok(held.count(store.read()).await?)
}

async fn release<F>(store: &Store, whose: F) -> Result<u64>
where
    F: Fn() -> sea_orm::sea_query::SimpleExpr + Send + 'static,
{
    store
        .command(async move |tx| {
            let released = leased(delivery::update_anywhere())
                .filter(whose())
                .col_expr(Column::LeaseOwner, Expr::value(Option::<String>::None))
                .col_expr(Column::LeaseUntilAt, Expr::value(Option::<i64>::None))
                .exec(tx)
                .await?;
            Ok(released.rows_affected)
        })
        .await
}

/// What somebody holds is due, so that the index of what is due leads to it.
fn leased<Q: QueryFilter>(query: Q) -> Q {
    query
        .filter(Column::DueAt.is_not_null())
        .filter(Column::LeaseUntilAt.is_not_null())
}
