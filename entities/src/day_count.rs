//! How many requests of a UTC day a key has been given, ahead of their use, and of a minute of that day.

use sea_orm::entity::prelude::*;

/// One key on one day.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "day_counts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub key_id: Uuid,
    /// Days since the epoch.
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: i64,
    /// Never below what was used.
    pub reserved: i64,
    /// The last minute written down, by its start.
    pub minute_at: Option<i64>,
    /// What was used of that minute by then.
    pub minute_calls: Option<i64>,
}

no_relations!();
unscoped!();

/// Selects what a key has reserved on a day.
pub fn by_key(key_id: Uuid, day: i64) -> Select<Entity> {
    anywhere().filter(Column::KeyId.eq(key_id)).filter(Column::Day.eq(day))
}

/// Removes the days before `day`.
pub fn delete_before(day: i64) -> sea_orm::DeleteMany<Entity> {
    delete_anywhere().filter(Column::Day.lt(day))
}
