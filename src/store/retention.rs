//! The end of what is kept for a while: deliveries with their attempts and bodies, and the events they came from.
//!
//! Ids carry the server's time in front (UUIDv7), so that the oldest rows are the first of the primary key: a purge needs
//! no index of its own. It comes in bounded chunks, because on SQLite every other command waits for each.

use super::Store;
use crate::domain::{Result, Timestamp};
use entities::{attempt, body, delivery, event};
use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

/// Rows of one table that one chunk removes.
pub const CHUNK_ROWS: u64 = 500;

/// Removes one chunk of what is older than `cutoff`; answers whether there may be more.
///
/// A delivery that still waits stays, however old its event, and so does what is being tried.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn purge(store: &Store, cutoff: Timestamp) -> Result<bool> {
    let deliveries = purge_deliveries(store, cutoff).await?;
    let events = purge_events(store, cutoff).await?;
    Ok(deliveries >= CHUNK_ROWS || events >= CHUNK_ROWS)
}

async fn purge_deliveries(store: &Store, cutoff: Timestamp) -> Result<u64> {
    use delivery::Column;
    let first_kept = first_id(cutoff);
    let found: Vec<(Uuid, Uuid)> = delivery::anywhere()
        .filter(Column::Id.lt(first_kept))
        .filter(Column::DueAt.is_null())
        .filter(Column::LeaseOwner.is_null())
        .select_only()
        .columns([Column::Id, Column::Event])
        .order_by_asc(Column::Id)
        .limit(CHUNK_ROWS)
        .into_tuple()
        .all(store.read())
        .await?;
    if found.is_empty() {
        return Ok(0);
    }
    let (found, events): (Vec<Uuid>, Vec<Uuid>) = found.into_iter().unzip();
    store
        .command(async move |tx| {
            let gone = delivery::delete_anywhere()
                .filter(Column::Id.is_in(found.iter().copied()))
                // It may have been replayed since it was found.
                .filter(Column::DueAt.is_null())
                .filter(Column::LeaseOwner.is_null())
                .exec(tx)
                .await?;
            let left = Query::select()
                .column(Column::Id)
                .from(delivery::Entity)
                .and_where(Column::Id.is_in(found.iter().copied()))
                .to_owned();
            attempt::delete_anywhere()
                .filter(attempt::Column::Delivery.is_in(found.iter().copied()))
                .filter(attempt::Column::Delivery.not_in_subquery(left))
                .exec(tx)
                .await?;
            let told = Query::select()
                .column(Column::Event)
                .from(delivery::Entity)
                .and_where(Column::Event.is_in(events.iter().copied()))
                .to_owned();
            body::delete_anywhere()
                .filter(body::Column::Event.is_in(events.iter().copied()))
                .filter(body::Column::Event.not_in_subquery(told))
                .exec(tx)
                .await?;
            Ok(gone.rows_affected)
        })
        .await
}

async fn purge_events(store: &Store, cutoff: Timestamp) -> Result<u64> {
    use event::Column;
    let old: Vec<Uuid> = event::anywhere()
        .filter(Column::Id.lt(first_id(cutoff)))
        .filter(Column::DispatchedAt.is_not_null())
        .select_only()
        .column(Column::Id)
        .order_by_asc(Column::Id)
        .limit(CHUNK_ROWS)
        .into_tuple()
        .all(store.read())
        .await?;
    if old.is_empty() {
        return Ok(0);
    }
    store
        .command(async move |tx| {
            let gone = event::delete_anywhere()
                .filter(Column::Id.is_in(old.iter().copied()))
                .exec(tx)
                .await?;
            Ok(gone.rows_affected)
        })
        .await
}

/// The first id that the moment can have given.
fn first_id(at: Timestamp) -> Uuid {
    let millis = u64::try_from(at.0).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid()
}
