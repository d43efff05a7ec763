//! The names of all series and the few calls that write them, so that labels are the same everywhere.
//!
//! Labels never carry ids: their values are the closed lists here.

use metrics::{counter, gauge, histogram};
use std::time::Duration;

/// Requests answered, by `class` of status.
pub const HTTP_REQUESTS: &str = "fondaco_http_requests_total";
/// Seconds from a request's first byte read to its answer.
pub const HTTP_DURATION: &str = "fondaco_http_request_duration_seconds";
/// Requests refused with 429.
pub const RATE_LIMITED: &str = "fondaco_rate_limited_total";
/// Attempts at deliveries, by `outcome`.
pub const DELIVERIES: &str = "fondaco_webhook_deliveries_total";
/// Seconds from the moment a delivery was due to the start of its attempt.
pub const DELIVERY_LAG: &str = "fondaco_webhook_delivery_lag_seconds";
/// Seconds an attempt took.
pub const DELIVERY_DURATION: &str = "fondaco_webhook_delivery_duration_seconds";
/// Attempts that ended without a word.
pub const ATTEMPTS_LOST: &str = "fondaco_webhook_attempts_lost_total";
/// Deliveries that wait, due or not.
pub const DELIVERIES_PENDING: &str = "fondaco_webhook_pending";
/// Seconds since the longest due delivery fell due; 0 when none is due.
pub const OLDEST_DUE: &str = "fondaco_webhook_oldest_due_seconds";
/// Attempts under way.
pub const IN_FLIGHT: &str = "fondaco_webhook_in_flight";
/// Endpoints that failed for so long that they were switched off.
pub const ENDPOINTS_DISABLED: &str = "fondaco_webhook_endpoints_disabled";
/// Open event streams.
pub const EVENT_STREAMS: &str = "fondaco_event_streams";
/// Actors rebuilt after a panic or a stop, by `actor`.
pub const ACTOR_RESTARTS: &str = "fondaco_actor_restarts_total";
/// Questions refused because a mailbox was full.
pub const MAILBOX_FULL: &str = "fondaco_mailbox_full_total";
/// Tenants with a living actor.
pub const TENANTS_ACTIVE: &str = "fondaco_tenants_active";
/// How far the sandbox clock was moved, in seconds.
pub const CLOCK_OFFSET: &str = "fondaco_sandbox_clock_offset_seconds";
/// Commands committed by the writer.
pub const COMMANDS: &str = "fondaco_commands_total";
/// Always 1; its label `version` says what runs.
pub const BUILD: &str = "fondaco_build_info";

/// How an attempt at a delivery can end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A 2xx came back.
    Delivered,
    /// It failed and will be tried again.
    Retried,
    /// It failed for good.
    Failed,
    /// The receiver said 410; the endpoint is off now.
    Disabled,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Delivered, Self::Retried, Self::Failed, Self::Disabled];

    /// The label's value.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Retried => "retried",
            Self::Failed => "failed",
            Self::Disabled => "disabled",
        }
    }
}

/// Kinds of supervised actors, the values of the label `actor`.
pub const ACTORS: [&str; 8] = [
    "gate",
    "tenant",
    "keeper",
    "meter",
    "delivery_worker",
    "delivery_pool",
    "courier",
    "housekeeper",
];

/// Classes of status that are counted apart.
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// Counts one answered request.
pub fn http_request(status: u16, took: Duration) {
    let class = CLASSES[usize::from((status / 100).clamp(1, 5)) - 1];
    counter!(HTTP_REQUESTS, "class" => class).increment(1);
    histogram!(HTTP_DURATION).record(took.as_secs_f64());
}

/// Counts one request refused with 429.
pub fn rate_limited() {
    counter!(RATE_LIMITED).increment(1);
}

/// Counts one restart of an actor of this kind, one of [`ACTORS`].
pub fn actor_restarted(kind: &'static str) {
    counter!(ACTOR_RESTARTS, "actor" => kind).increment(1);
}

/// Counts one attempt at a delivery by what came of it.
pub fn delivery(outcome: Outcome) {
    counter!(DELIVERIES, "outcome" => outcome.name()).increment(1);
}

/// Notes how long a delivery lay before it was tried, in milliseconds.
pub fn delivery_lag(waited_ms: u32) {
    histogram!(DELIVERY_LAG).record(f64::from(waited_ms) / 1000.0);
}

/// Notes how long an attempt took, in milliseconds.
pub fn delivery_took(took_ms: u32) {
    histogram!(DELIVERY_DURATION).record(f64::from(took_ms) / 1000.0);
}

/// Counts one attempt that ended without a word and was handed out again.
pub fn attempt_lost() {
    counter!(ATTEMPTS_LOST).increment(1);
}

/// Sets how many deliveries wait.
pub fn deliveries_pending(pending: u64) {
    gauge!(DELIVERIES_PENDING).set(u32::try_from(pending).map_or(f64::MAX, f64::from));
}

/// Sets how long the longest due delivery has been due, in milliseconds.
pub fn oldest_due(waited_ms: i64) {
    gauge!(OLDEST_DUE).set(u32::try_from(waited_ms.max(0) / 1000).map_or(f64::MAX, f64::from));
}

/// Sets how many attempts are under way.
pub fn deliveries_in_flight(count: usize) {
    gauge!(IN_FLIGHT).set(u32::try_from(count).map_or(f64::MAX, f64::from));
}

/// Sets how many endpoints are switched off for failing.
pub fn endpoints_disabled(count: u64) {
    gauge!(ENDPOINTS_DISABLED).set(u32::try_from(count).map_or(f64::MAX, f64::from));
}

/// Sets how many event streams are open.
pub fn event_streams(count: usize) {
    gauge!(EVENT_STREAMS).set(u32::try_from(count).map_or(f64::MAX, f64::from));
}

/// Counts a tenant actor in.
pub fn tenant_active() {
    gauge!(TENANTS_ACTIVE).increment(1.0);
}

/// Counts a tenant actor out.
pub fn tenant_gone() {
    gauge!(TENANTS_ACTIVE).decrement(1.0);
}

/// Counts a message that a full mailbox refused.
pub fn mailbox_full() {
    counter!(MAILBOX_FULL).increment(1);
}

/// Sets how many commands the writer has committed.
pub fn commands(committed: u64) {
    counter!(COMMANDS).absolute(committed);
}

/// Sets how far the sandbox clock is ahead, in milliseconds.
pub fn clock_offset(offset_ms: i64) {
    gauge!(CLOCK_OFFSET).set(i32::try_from(offset_ms / 1000).map_or(f64::MAX, f64::from));
}

/// Registers every series, so that each is there from the start, at 0.
pub(super) fn describe_all() {
    for class in CLASSES {
        counter!(HTTP_REQUESTS, "class" => class).increment(0);
    }
    for outcome in Outcome::ALL {
        counter!(DELIVERIES, "outcome" => outcome.name()).increment(0);
    }
    for kind in ACTORS {
        counter!(ACTOR_RESTARTS, "actor" => kind).increment(0);
    }
    for name in [RATE_LIMITED, MAILBOX_FULL, COMMANDS, ATTEMPTS_LOST] {
        counter!(name).increment(0);
    }
    for name in [
        DELIVERIES_PENDING,
        OLDEST_DUE,
        IN_FLIGHT,
        ENDPOINTS_DISABLED,
        EVENT_STREAMS,
        TENANTS_ACTIVE,
        CLOCK_OFFSET,
    ] {
        gauge!(name).set(0.0);
    }
    gauge!(BUILD, "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    for name in [HTTP_DURATION, DELIVERY_LAG, DELIVERY_DURATION] {
        // Made, never recorded: an empty histogram is rendered with zeros.
        drop(histogram!(name));
    }
    explain();
}

fn explain() {
    metrics::describe_counter!(HTTP_REQUESTS, "Requests answered, by class of status.");
    metrics::describe_histogram!(HTTP_DURATION, "Seconds from request to answer.");
    metrics::describe_counter!(RATE_LIMITED, "Requests refused with 429.");
    metrics::describe_counter!(DELIVERIES, "Attempts at webhook deliveries, by outcome.");
    metrics::describe_histogram!(DELIVERY_LAG, "Seconds from due to the start of the attempt.");
    metrics::describe_histogram!(DELIVERY_DURATION, "Seconds an attempt took.");
    metrics::describe_counter!(ATTEMPTS_LOST, "Attempts that ended without a word.");
    metrics::describe_gauge!(DELIVERIES_PENDING, "Webhook deliveries that wait.");
    metrics::describe_gauge!(OLDEST_DUE, "Seconds since the longest due delivery fell due.");
    metrics::describe_gauge!(IN_FLIGHT, "Attempts at webhook deliveries under way.");
    metrics::describe_gauge!(ENDPOINTS_DISABLED, "Webhook endpoints switched off for failing.");
    metrics::describe_gauge!(EVENT_STREAMS, "Open event streams.");
    metrics::describe_counter!(ACTOR_RESTARTS, "Actors rebuilt after a panic or a stop, by kind.");
    metrics::describe_counter!(MAILBOX_FULL, "Questions refused because a mailbox was full.");
    metrics::describe_gauge!(TENANTS_ACTIVE, "Tenants with a living actor.");
    metrics::describe_gauge!(CLOCK_OFFSET, "How far the sandbox clock is ahead, in seconds.");
    metrics::describe_counter!(COMMANDS, "Commands committed by the writer.");
    metrics::describe_gauge!(BUILD, "Always 1; the label says what runs.");
}
