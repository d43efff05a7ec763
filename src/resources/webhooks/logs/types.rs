//! What goes in and out, in neutral names.

use crate::actors::Attempted;
use crate::domain::Timestamp;
use entities::delivery::{Model, Status};
use entities::{attempt, endpoint};
use sea_orm::ActiveEnum;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// Characters of an endpoint's answer that a row shows.
const BODY_SHOWN: usize = 5_000;

/// Which deliveries are wanted.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListLogs {
    /// Those for this endpoint.
    pub endpoint_id: Option<Uuid>,
    /// Those in this state; `failed` and `all_failed` mean several.
    pub status: Option<String>,
    /// Those of this event, in the dialect's name.
    pub event_type: Option<String>,
}

/// The states a filter's word stands for; `None` means every one.
pub(super) fn statuses(word: Option<&str>) -> Option<&'static [Status]> {
    match word? {
        "success" => Some(&[Status::Success]),
        "failed" => Some(&[Status::Failed, Status::PermanentlyFailed]),
        "archived" => Some(&[Status::Archived]),
        "retried" => Some(&[Status::Retried]),
        "pending" => Some(&[Status::Pending]),
        "pending_retry" => Some(&[Status::PendingRetry]),
        // Where a dialect knows one word for both.
        "waiting" => Some(&[Status::Pending, Status::PendingRetry]),
        "permanently_failed" => Some(&[Status::PermanentlyFailed]),
        "all_failed" => Some(&[Status::Failed, Status::PermanentlyFailed, Status::PendingRetry]),
        "held" => Some(&[Status::Held]),
        _ => None,
    }
}

/// Which of an endpoint's deliveries start over.
#[derive(Clone, Debug, Deserialize)]
pub struct ReplayEndpoint {
    /// Those made at this moment or later.
    pub from_at: Timestamp,
    /// Those made before this moment; absent means up to now.
    #[serde(default)]
    pub to_at: Option<Timestamp>,
    /// `permanently_failed`, `held`, or absent for both.
    #[serde(default)]
    pub status: Option<String>,
    /// Counts only.
    #[serde(default)]
    pub dry_run: bool,
}

/// How many deliveries started over, or would.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct ReplayView {
    /// Deliveries.
    pub count: u64,
    /// Whether they were only counted.
    pub dry_run: bool,
}

/// The endpoint of a delivery, as far as its log tells.
#[derive(Clone, Debug, Serialize)]
pub struct EndpointBrief {
    /// Identity.
    pub id: Uuid,
    /// Where it sends.
    pub url: String,
    /// Free text.
    pub description: Option<String>,
    /// Whether it is sent to.
    pub is_active: bool,
}

impl From<&endpoint::Model> for EndpointBrief {
    fn from(row: &endpoint::Model) -> Self {
        Self {
            id: row.id,
            url: row.url.clone(),
            description: row.description.clone(),
            is_active: row.is_active,
        }
    }
}

/// A delivery as it is told to its owner.
#[derive(Clone, Debug, Serialize)]
pub struct LogView {
    /// Identity.
    pub id: Uuid,
    /// Where it went or would have gone.
    pub endpoint_id: Uuid,
    /// The same; null once it is deleted.
    pub endpoint: Option<EndpointBrief>,
    /// The event's id as bodies and `webhook-id` carry it.
    pub event_id: String,
    /// The event's name in the endpoint's dialect.
    pub event_type: String,
    /// The body that is sent.
    pub payload: Value,
    /// Status of the last answer; 408 after a time-out, 0 without an answer, null before the first attempt.
    pub http_status: Option<i32>,
    /// Start of the last answer's body.
    pub response_body: Option<String>,
    /// What went wrong at the last attempt.
    pub error_message: Option<String>,
    /// How long the last attempt took.
    pub duration_ms: Option<i64>,
    /// How it stands.
    pub status: String,
    /// Attempts made.
    pub attempt_count: i32,
    /// Attempts of the schedule.
    pub max_attempts: i32,
    /// When it is tried next.
    pub next_retry_at: Option<Timestamp>,
    /// When it was given up.
    pub failed_permanently_at: Option<Timestamp>,
    /// When it arrived.
    pub delivered_at: Option<Timestamp>,
    /// The delivery this one repeats.
    pub retry_of: Option<Uuid>,
    /// The event's place in the tenant's sequence.
    pub sequence: i64,
    /// When the event happened.
    pub created_at: Timestamp,
    /// Each attempt; only where one delivery is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempts: Option<Vec<AttemptView>>,
}

impl LogView {
    /// The view of a row; what it sends, its endpoint and the event's printed id come with it.
    pub fn new(row: &Model, payload: Value, endpoint: Option<EndpointBrief>, event_id: String) -> Self {
        let is_lost = row.status == Status::PermanentlyFailed;
        Self {
            id: row.id,
            endpoint_id: row.endpoint,
            endpoint,
            event_id,
            event_type: row.event_name.clone(),
            payload,
            http_status: row.last_status,
            response_body: row.last_body.as_ref().map(|body| body.chars().take(BODY_SHOWN).collect()),
            error_message: match row.last_status {
                Some(status) => trouble(status, row.last_error.clone()),
                None => row.last_error.clone(),
            },
            duration_ms: row.last_duration_ms,
            status: row.status.to_value(),
            attempt_count: row.attempt_count,
            max_attempts: row.attempts_max,
            next_retry_at: row.due_at.map(Timestamp),
            failed_permanently_at: is_lost.then(|| Timestamp(row.failed_at.unwrap_or(row.updated_at))),
            delivered_at: row.delivered_at.map(Timestamp),
            retry_of: row.retry_of,
            sequence: row.seq,
            created_at: Timestamp(row.created_at),
            attempts: None,
        }
    }
}

/// One attempt as it is told to its owner.
#[derive(Clone, Debug, Serialize)]
pub struct AttemptView {
    /// Identity, which the request's delivery header carried.
    pub id: Uuid,
    /// Counts from 1 in each round of the schedule.
    pub number: i32,
    /// When it began.
    pub started_at: Timestamp,
    /// How long it took in all.
    pub duration_ms: i64,
    /// How long resolving, connecting and TLS took; null on a connection that was open.
    pub connect_ms: Option<i64>,
    /// How long the answer's head took.
    pub first_byte_ms: Option<i64>,
    /// The answer's status; 408 after a time-out, 0 without an answer.
    pub http_status: i32,
    /// What kind of trouble it was.
    pub error_class: Option<String>,
    /// What went wrong.
    pub error: Option<String>,
    /// The answer's headers, as pairs.
    pub response_headers: Option<Value>,
    /// The first 16 KiB of the answer's body.
    pub response_body: Option<String>,
}

/// What went wrong, in words: an answer that is no 2xx says it by its status. A 2xx is a success, even where the rest of
/// the answer broke off.
fn trouble(status: i32, error: Option<String>) -> Option<String> {
    match status {
        200..=299 => None,
        _ => error.or_else(|| Some(format!("The endpoint answered {status}."))),
    }
}

/// The kind of trouble: what the network did, or else the class of the answer.
fn class_of(status: i32, class: Option<String>) -> Option<String> {
    let of_answer = match status {
        200..=299 => return None,
        300..=399 => "redirect",
        400..=499 => "client_error",
        _ => "server_error",
    };
    class.or_else(|| Some(of_answer.to_owned()))
}

impl From<attempt::Model> for AttemptView {
    fn from(row: attempt::Model) -> Self {
        Self {
            id: row.id,
            number: row.number,
            started_at: Timestamp(row.started_at),
            duration_ms: row.duration_ms,
            connect_ms: row.connect_ms,
            first_byte_ms: row.first_byte_ms,
            http_status: row.http_status,
            error_class: class_of(row.http_status, row.error_class),
            error: trouble(row.http_status, row.error),
            response_headers: row.response_headers.map(|headers| headers.0),
            response_body: row.response_body,
        }
    }
}

/// How a delivery went that somebody waited for.
#[derive(Clone, Debug, Serialize)]
pub struct ResultView {
    /// Whether a 2xx came back.
    pub success: bool,
    /// The answer's status; 408 after a time-out, 0 without an answer.
    pub http_status: i32,
    /// What went wrong.
    pub error: Option<String>,
}

impl From<Attempted> for ResultView {
    fn from(attempted: Attempted) -> Self {
        Self {
            success: attempted.is_delivered,
            http_status: attempted.http_status,
            error: attempted.error,
        }
    }
}

/// What an action made of a delivery.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct StateView {
    /// In the contract's word.
    pub status: &'static str,
}

/// Says that a delivery was put away.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct ArchivedView {
    /// Always true.
    pub archived: bool,
}
