//! What keys have used: the durable side of the day's count, and when, where and how often a key was used.

use super::Store;
use crate::domain::rate_limit::Reservation;
use crate::domain::{Result, Timestamp};
use entities::{api_key, day_count};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use uuid::Uuid;

/// Keys updated by one command; more would keep other commands waiting.
const KEYS_PER_COMMAND: usize = 200;

/// The use of one key since the last time it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyUse {
    /// The key.
    pub key: Uuid,
    /// Calls to add.
    pub calls: i64,
    /// When the last was.
    pub last_used_at: Timestamp,
    /// Where the last came from.
    pub last_used_ip: String,
}

/// Reads how much of a key's day is reserved; `day` counts from the epoch.
pub async fn reserved(store: &Store, key: Uuid, day: i64) -> Result<Option<Reservation>> {
    let row = day_count::by_key(key, day).one(store.read()).await?;
    Ok(row.map(|row| Reservation {
        day,
        reserved: u32::try_from(row.reserved).unwrap_or(u32::MAX),
    }))
}

/// Makes a reservation durable.
pub async fn reserve(store: &Store, key: Uuid, reservation: Reservation) -> Result<()> {
    write_day_counts(store, vec![(key, reservation)]).await
}

/// Writes day counts as they are, as a clean stop does with the true ones.
pub async fn write_day_counts(store: &Store, counts: Vec<(Uuid, Reservation)>) -> Result<()> {
    let rows: Vec<_> = counts.iter().map(|(key, count)| row(*key, *count)).collect();
    for rows in rows.chunks(KEYS_PER_COMMAND) {
        let rows = rows.to_vec();
        store
            .command(async move |tx| {
                let overwrite = OnConflict::columns([day_count::Column::KeyId, day_count::Column::Day])
                    .update_column(day_count::Column::Reserved)
                    .to_owned();
                day_count::Entity::insert_many(rows.clone())
                    .on_conflict(overwrite)
                    .exec_without_returning(tx)
                    .await?;
                Ok(())
            })
            .await?;
    }
    Ok(())
}

/// Forgets the counts of days before `day`.
pub async fn forget_days_before(store: &Store, day: i64) -> Result<()> {
    store
        .command(async move |tx| {
            day_count::delete_before(day).exec(tx).await?;
            Ok(())
        })
        .await
}

/// Adds the use of keys to their rows.
pub async fn add(store: &Store, uses: &[KeyUse]) -> Result<()> {
    for uses in uses.chunks(KEYS_PER_COMMAND) {
        let uses = uses.to_vec();
        store
            .command(async move |tx| {
                for used in &uses {
                    let calls = Expr::col(api_key::Column::UsageCount).add(used.calls);
                    api_key::update_anywhere()
                        .filter(api_key::Column::Id.eq(used.key))
                        .col_expr(api_key::Column::UsageCount, calls)
                        .col_expr(api_key::Column::LastUsedAt, Expr::value(used.last_used_at.0))
                        .col_expr(api_key::Column::LastUsedIp, Expr::value(used.last_used_ip.clone()))
                        .exec(tx)
                        .await?;
                }
                Ok(())
            })
            .await?;
    }
    Ok(())
}

fn row(key: Uuid, count: Reservation) -> day_count::ActiveModel {
    day_count::Model {
        key_id: key,
        day: count.day,
        reserved: i64::from(count.reserved),
    }
    .into_active_model()
}
