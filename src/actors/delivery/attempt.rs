//! One HTTP try of one delivery: sign, send, decide. It touches no row; the pool records what comes of it.

use super::lanes::Ended;
use super::messages::Finished;
use super::rules;
use super::sender::{Outgoing, Sent};
use super::subscriber::Subscriber;
use crate::actors::deps::Deps;
use crate::domain::Timestamp;
use crate::domain::delivery::{Decision, NetworkClass, Outcome, decide};
use crate::domain::dialect::{Attempt, Dialect};
use crate::domain::signature;
use crate::store::outbox::record::Made;
use crate::telemetry::series;
use bytes::Bytes;
use entities::{attempt, delivery};
use serde_json::Value;
use std::sync::Arc;

/// A claimed delivery with all that trying it needs.
#[derive(Clone, Debug)]
pub struct Job {
    /// The delivery's row as it was claimed.
    pub delivery: Arc<delivery::Model>,
    /// The very bytes that are sent.
    pub body: Bytes,
    /// Where it goes.
    pub endpoint: Arc<Subscriber>,
    /// The conventions it is sent in.
    pub dialect: Arc<Dialect>,
}

impl Job {
    /// The number of the attempt that comes now, from 1.
    pub fn number(&self) -> u32 {
        u32::try_from(self.delivery.attempt_count).unwrap_or(0).saturating_add(1)
    }

    /// Whether the delivery is tried no more after this attempt.
    fn is_last(&self) -> bool {
        self.delivery.attempt_count.saturating_add(1) >= self.delivery.attempts_max
    }
}

/// What one try yielded.
struct Tried {
    outcome: Outcome,
    sent: Sent,
    error: Option<String>,
}

impl Tried {
    fn not_sent(class: NetworkClass, error: &str) -> Self {
        Self {
            outcome: Outcome::Network(class),
            sent: Sent::default(),
            error: Some(error.to_owned()),
        }
    }
}

/// Makes the attempt; ends by the dialect's deadline whatever the receiver does.
pub async fn run(deps: &Deps, job: &Job) -> Finished {
    let started_at = deps.clock.now();
    observe_lag(job, started_at);
    match prepare(deps, job, started_at) {
        Ok(outgoing) => {
            let sent = deps.sender.send(outgoing).await;
            conclude(deps, job, started_at, sent)
        }
        Err(why) => finished(deps, job, started_at, Tried::not_sent(NetworkClass::Unsendable, why)),
    }
}

/// Judges what a try that began at `started_at` brought back.
pub fn conclude(deps: &Deps, job: &Job, started_at: Timestamp, sent: Sent) -> Finished {
    let tried = Tried {
        outcome: sent.outcome(deps.clock.now()),
        error: sent.failure.as_ref().map(|failure| failure.text.clone()),
        sent,
    };
    finished(deps, job, started_at, tried)
}

/// The record of an attempt that was lost twice, worker and all: a failure, so that it does not loop.
pub fn lost(deps: &Deps, job: &Job) -> Finished {
    let tried = Tried::not_sent(NetworkClass::Other, "the attempt was lost twice on this server");
    finished(deps, job, deps.clock.now(), tried)
}

fn finished(deps: &Deps, job: &Job, started_at: Timestamp, tried: Tried) -> Finished {
    let ended_at = deps.clock.now();
    let policy = rules::policy(&job.dialect);
    let jitter = rules::jitter_permille(deps);
    let decision = match decide(&tried.outcome, job.number(), &policy, jitter, ended_at) {
        // A sample is tried once, whatever the schedule says.
        Decision::RetryAt(_) if job.is_last() => Decision::Exhausted,
        decision => decision,
    };
    let error_class = match tried.outcome {
        Outcome::Network(class) => Some(class.name().to_owned()),
        _ => None,
    };
    let ended = match tried.outcome {
        Outcome::Delivered(_) => Ended::Success,
        Outcome::Network(NetworkClass::Timeout) => Ended::Timeout,
        _ => Ended::Failure,
    };
    let duration_ms = i64::from(tried.sent.total_ms);
    series::delivery_took(tried.sent.total_ms);
    let delivery = &job.delivery;
    let body = tried.sent.body_text();
    let headers: Vec<Value> = tried
        .sent
        .headers
        .iter()
        .map(|(name, value)| serde_json::json!([name, value]))
        .collect();
    Finished {
        made: Made {
            attempt: attempt::Model {
                id: deps.ids.uuid(started_at),
                delivery: delivery.id,
                tenant: delivery.tenant,
                mode: delivery.mode,
                number: i32::try_from(job.number()).unwrap_or(i32::MAX),
                started_at: started_at.0,
                duration_ms,
                connect_ms: tried.sent.connect_ms.map(i64::from),
                first_byte_ms: tried.sent.first_byte_ms.map(i64::from),
                http_status: i32::from(tried.outcome.logged_status()),
                error_class,
                error: tried.error,
                response_headers: (!headers.is_empty()).then(|| Value::Array(headers).into()),
                response_body: (!body.is_empty()).then_some(body),
            },
            endpoint: job.endpoint.id,
            decision,
            waiting_become: rules::waiting_become(&job.dialect),
            ended_at,
        },
        tenant: delivery.tenant,
        ended,
    }
}

/// How long it lay before it was first tried, or beyond its moment before it was tried again.
fn observe_lag(job: &Job, started_at: Timestamp) {
    let waited_for = match job.delivery.attempt_count {
        0 => job.delivery.created_at,
        _ => job.delivery.due_at.unwrap_or(started_at.0),
    };
    let lag_ms = u32::try_from((started_at.0 - waited_for).max(0)).unwrap_or(u32::MAX);
    series::delivery_lag(lag_ms);
}

/// Forms the signed request of a try that begins at `sent_at`; the error says why there is none.
pub fn prepare(deps: &Deps, job: &Job, sent_at: Timestamp) -> Result<Outgoing, &'static str> {
    let secrets = job.endpoint.secrets(&deps.sealer, sent_at);
    let secrets = secrets.ok_or("the endpoint's secret cannot be opened")?;
    let (delivery, body) = (&job.delivery, job.body.as_ref());
    let seconds = sent_at.seconds();
    let standard = signature::standard(&secrets, &job.dialect.event_id(delivery.event), seconds, body);
    let digests: Vec<String> = secrets
        .iter()
        .map(|secret| signature::brand_hex(secret, seconds, body))
        .collect();
    let own = job.dialect.webhook_headers(&Attempt {
        event: delivery.event,
        event_name: &delivery.event_name,
        delivery: delivery.id,
        number: job.number(),
        manual: delivery.retry_of.is_some(),
        // A sample has no place in the sequence.
        sequence: (delivery.seq > 0).then_some(delivery.seq),
        sent_at,
        brand_digests: &digests,
        standard_signature: standard.as_deref().unwrap_or_default(),
    });
    let custom = job.endpoint.custom_headers(&deps.sealer);
    let free = custom.filter(|(name, _)| !own.iter().any(|(taken, _)| taken.eq_ignore_ascii_case(name)));
    let mut headers: Vec<(String, String)> = free.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    headers.extend(own);
    Ok(Outgoing {
        url: job.endpoint.url.clone(),
        headers,
        body: job.body.clone(),
        deadline: rules::policy(&job.dialect).deadline(),
    })
}
