//! What keys have used: the durable side of the day's and the minute's count, and when, where and how often a key was used.

use super::Store;
use crate::domain::rate_limit::{Durable, MinuteCount, Reservation};
use crate::domain::time::{DAY_MS, MINUTE_MS};
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

/// Reads what is durable of the day and the minute that `now` lies in.
pub async fn durable(store: &Store, key: Uuid, now: Timestamp) -> Result<Durable> {
    let day = now.0.div_euclid(DAY_MS);
    let Some(row) = day_count::by_key(key, day).one(store.read()).await? else {
        return Ok(Durable::default());
    };
    let calls = |count: i64| u32::try_from(count).unwrap_or(u32::MAX);
    // A key whose day is not limited reserves nothing. A minute of another time is over, or of a clock that was set back.
    let is_now = row.minute_at == Some(now.floor(MINUTE_MS).0);
    Ok(Durable {
        day: (row.reserved > 0).then(|| Reservation {
            day,
            reserved: calls(row.reserved),
        }),
        minute: row.minute_calls.filter(|_| is_now).map(|count| MinuteCount {
            start_at: now.floor(MINUTE_MS),
            calls: calls(count),
        }),
    })
}

/// Makes a reservation durable.
pub async fn reserve(store: &Store, key: Uuid, reservation: Reservation) -> Result<()> {
    write_day_counts(store, vec![(key, reservation)]).await
}

/// Writes day counts as they are, as a clean stop does with the true ones.
pub async fn write_day_counts(store: &Store, counts: Vec<(Uuid, Reservation)>) -> Result<()> {
    let row = |(key, count): (Uuid, Reservation)| day_count::Model {
        key_id: key,
        day: count.day,
        reserved: i64::from(count.reserved),
        minute_at: None,
        minute_calls: None,
    };
    write(store, counts.into_iter().map(row).collect(), &[day_count::Column::Reserved]).await
}

/// Writes what was used of the running minute; what is reserved of the day stays.
pub async fn write_minutes(store: &Store, counts: Vec<(Uuid, MinuteCount)>) -> Result<()> {
    let row = |(key, count): (Uuid, MinuteCount)| day_count::Model {
        key_id: key,
        day: count.start_at.0.div_euclid(DAY_MS),
        reserved: 0,
        minute_at: Some(count.start_at.0),
        minute_calls: Some(i64::from(count.calls)),
    };
    let columns = [day_count::Column::MinuteAt, day_count::Column::MinuteCalls];
    write(store, counts.into_iter().map(row).collect(), &columns).await
}

/// Writes these columns of rows, or whole rows where there are none.
async fn write(store: &Store, rows: Vec<day_count::Model>, columns: &[day_count::Column]) -> Result<()> {
    for rows in rows.chunks(KEYS_PER_COMMAND) {
        let (rows, columns) = (rows.to_vec(), columns.to_vec());
        store
            .command(async move |tx| {
                let overwrite = OnConflict::columns([day_count::Column::KeyId, day_count::Column::Day])
                    .update_columns(columns.clone())
                    .to_owned();
                day_count::Entity::insert_many(rows.clone().into_iter().map(IntoActiveModel::into_active_model))
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
