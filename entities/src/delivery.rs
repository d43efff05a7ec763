//! One event for one endpoint: the queue of the webhook sender.

use crate::Mode;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// How a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Not tried yet.
    Pending,
    /// Tried in vain, to be tried again.
    PendingRetry,
    /// Accepted by the endpoint.
    Success,
    /// Refused, and no schedule asked for another try.
    Failed,
    /// Every try of the schedule was in vain.
    PermanentlyFailed,
    /// Put away by its tenant.
    Archived,
    /// Replaced by a later round.
    Retried,
    /// Kept back while its endpoint is disabled.
    Held,
    /// Not to be sent any more.
    Cancelled,
}

/// One delivery.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "deliveries")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant: Uuid,
    pub mode: Mode,
    pub event: Uuid,
    pub endpoint: Uuid,
    /// The event's name in the endpoint's dialect.
    pub event_name: String,
    /// Which of the event's bodies each try sends.
    pub body_place: i32,
    pub status: Status,
    pub attempt_count: i32,
    pub attempts_max: i32,
    /// When it is to be tried; none means never.
    pub due_at: Option<i64>,
    /// Node and boot that are trying it.
    pub lease_owner: Option<String>,
    /// On the real clock, which no operator moves.
    pub lease_until_at: Option<i64>,
    pub last_status: Option<i32>,
    pub last_error: Option<String>,
    pub last_body: Option<String>,
    pub last_duration_ms: Option<i64>,
    /// The delivery this one repeats.
    pub retry_of: Option<Uuid>,
    /// Counts the replays of one event for one endpoint, from 0; unique with both.
    pub round: i32,
    /// The event's place in the tenant's sequence.
    pub seq: i64,
    pub created_at: i64,
    pub updated_at: i64,
    pub delivered_at: Option<i64>,
    pub failed_at: Option<i64>,
}

no_relations!();
scoped!();
unscoped!();

/// Selects the deliveries of every tenant that are due by `now`, in epoch milliseconds; a partial index serves it.
pub fn due_anywhere(now: i64) -> Select<Entity> {
    anywhere().filter(Column::DueAt.is_not_null()).filter(Column::DueAt.lte(now))
}
