//! The outcome of attempts, written into their deliveries; each row only while its lease is held and that try is its next.

use super::record::Made;
use crate::domain::Result;
use crate::domain::delivery::{Decision, Health};
use crate::store::Tx;
use crate::store::many::{ROWS_MAX, Rows};
use entities::attempt;
use entities::delivery::Status;
use sea_orm::{ActiveEnum, ConnectionTrait, Value};
use std::collections::HashSet;
use std::sync::Arc;
use uuid::Uuid;

/// Characters of an error that the delivery's own row repeats.
const ERROR_MAX: usize = 500;

const OUTCOMES: &str = "delivery, tries, became, due, answer, wrong, said, took, ended";
/// What its owner put away while it was being tried stays away. A try that outlived its lease may end while a later one of
/// the same owner is claimed, so the number counts, too.
const SETTLE: &str = "update deliveries set \
    status = case when status = 'archived' then status else v.became end, \
    attempt_count = v.tries, \
    due_at = case when status = 'archived' then null else v.due end, \
    lease_owner = null, lease_until_at = null, \
    last_status = v.answer, last_error = v.wrong, last_body = v.said, last_duration_ms = v.took, updated_at = v.ended, \
    delivered_at = case when v.became = 'success' then v.ended else delivered_at end, \
    failed_at = case when v.became = 'permanently_failed' then v.ended else failed_at end \
    from v where id = v.delivery and attempt_count = v.tries - 1 and lease_owner = ? returning id";

const ATTEMPTS: &str = "id, delivery, tenant, mode, number, started_at, duration_ms, connect_ms, first_byte_ms, http_status, \
    error_class, error, response_headers, response_body";

/// Ends the run of failures of endpoints that took what they were sent.
const MEND: &str = "update endpoints set failing_since_at = null, failures = 0, failure_days = 0, last_failure_day = null, \
    warned_at = null where failures > 0 and id in (select id from v)";

/// Health is in nobody's copy of an endpoint, so this is no change of one as the writer counts them.
const HEALTH: &str = "update endpoints set failing_since_at = v.since, failures = v.failed, failure_days = v.days, \
    last_failure_day = v.last, warned_at = v.warned from v where id = v.endpoint";

/// Writes the outcomes and ends the leases; tells the deliveries whose leases `owner` still held.
pub(super) async fn settle(tx: &Tx, owner: &str, made: &[Arc<Made>]) -> Result<HashSet<Uuid>> {
    let mut settled = HashSet::with_capacity(made.len());
    for chunk in made.chunks(ROWS_MAX) {
        let Some(rows) = Rows::of(chunk.iter().map(|made| outcome(made))) else {
            continue;
        };
        let update = rows.statement(tx.get_database_backend(), OUTCOMES, SETTLE, [owner.into()]);
        for row in tx.query_all_raw(update).await? {
            settled.insert(row.try_get_by_index(0)?);
        }
    }
    Ok(settled)
}

/// Adds the rows of attempts.
pub(super) async fn add_attempts(tx: &Tx, made: &[&Made]) -> Result<()> {
    let insert = format!("insert into attempts ({ATTEMPTS}) select {ATTEMPTS} from v where id is not null");
    for chunk in made.chunks(ROWS_MAX) {
        if let Some(rows) = Rows::of(chunk.iter().map(|made| attempt(&made.attempt))) {
            tx.execute_raw(rows.statement(tx.get_database_backend(), ATTEMPTS, &insert, []))
                .await?;
        }
    }
    Ok(())
}

/// Ends the run of failures of these endpoints, where there is one.
pub(super) async fn mend(tx: &Tx, endpoints: &[Uuid]) -> Result<()> {
    for chunk in endpoints.chunks(ROWS_MAX) {
        if let Some(rows) = Rows::of(chunk.iter().map(|id| [Value::from(*id)])) {
            tx.execute_raw(rows.statement(tx.get_database_backend(), "id", MEND, []))
                .await?;
        }
    }
    Ok(())
}

/// Writes an endpoint's health.
pub(super) async fn write_health(tx: &Tx, endpoint: Uuid, health: &Health) -> Result<()> {
    let count = |count: u32| i32::try_from(count).unwrap_or(i32::MAX);
    let row: [Value; 6] = [
        endpoint.into(),
        health.failing_since_at.map(|at| at.0).into(),
        count(health.failures).into(),
        count(health.days).into(),
        health.last_day.into(),
        health.warned_at.map(|at| at.0).into(),
    ];
    if let Some(rows) = Rows::of(std::iter::once(row)) {
        let columns = "endpoint, since, failed, days, last, warned";
        tx.execute_raw(rows.statement(tx.get_database_backend(), columns, HEALTH, []))
            .await?;
    }
    Ok(())
}

fn outcome(made: &Made) -> [Value; 9] {
    let (status, due_at) = match made.decision {
        Decision::Delivered => (Status::Success, None),
        Decision::RetryAt(at) => (Status::PendingRetry, Some(at.0)),
        Decision::Exhausted | Decision::Disabled410 => (Status::PermanentlyFailed, None),
    };
    let attempt = &made.attempt;
    let error = attempt
        .error
        .as_ref()
        .map(|text| text.chars().take(ERROR_MAX).collect::<String>());
    [
        attempt.delivery.into(),
        attempt.number.into(),
        status.to_value().into(),
        due_at.into(),
        attempt.http_status.into(),
        error.into(),
        attempt.response_body.clone().into(),
        attempt.duration_ms.into(),
        made.ended_at.0.into(),
    ]
}

fn attempt(row: &attempt::Model) -> [Value; 14] {
    [
        row.id.into(),
        row.delivery.into(),
        row.tenant.into(),
        row.mode.to_value().into(),
        row.number.into(),
        row.started_at.into(),
        row.duration_ms.into(),
        row.connect_ms.into(),
        row.first_byte_ms.into(),
        row.http_status.into(),
        row.error_class.clone().into(),
        row.error.clone().into(),
        row.response_headers.clone().into(),
        row.response_body.clone().into(),
    ]
}
