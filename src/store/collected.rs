//! What commands collect beside their own statements, and how the writer adds it: a few statements for a whole group.

use super::Tx;
use super::audit::{AuditEntry, Link};
use super::counters::CounterKey;
use crate::domain::{Code, Error, Event, Timestamp};
use crate::store::many::{ROWS_MAX, Rows};
use entities::{audit, idempotency};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, Iterable};
use serde_json::Value;
use std::collections::HashMap;
use uuid::Uuid;

/// Rows of one INSERT; with at most 12 columns each this stays below SQLite's 32,766 variables.
const INSERT_ROWS_MAX: usize = 1_000;

/// The stored answer of a request that carried an `Idempotency-Key`.
#[derive(Clone, Debug, PartialEq)]
pub struct IdempotencyRecord {
    /// Its own id; the same one finishes what it started.
    pub id: Uuid,
    /// The tenant asked, if any.
    pub tenant: Option<Uuid>,
    /// Who asked, tenant included.
    pub principal: String,
    /// The operation.
    pub route: String,
    /// SHA-256 of the header's value.
    pub key_digest: [u8; 32],
    /// SHA-256 of the body.
    pub body_digest: [u8; 32],
    /// Whether the answer is known.
    pub state: idempotency::State,
    /// The answer's neutral status; 0 until it is known.
    pub status: u16,
    /// The neutral answer without its secret members.
    pub answer: Option<Value>,
    /// The secret members, sealed.
    pub sealed: Option<String>,
    /// When the request came.
    pub created_at: Timestamp,
    /// Until when a repetition gets this answer.
    pub expires_at: Timestamp,
}

/// Why collected rows could not be added.
pub(super) enum Unflushed {
    /// The database refused.
    Database(DbErr),
    /// What one command collected stands against what is there; this is its answer.
    Refused(Error),
}

impl From<DbErr> for Unflushed {
    fn from(error: DbErr) -> Self {
        Self::Database(error)
    }
}

/// Rows waiting to be added to the transaction.
#[derive(Default)]
pub(super) struct Collected {
    pub(super) events: Vec<Event>,
    pub(super) audits: Vec<AuditEntry>,
    pub(super) records: Vec<IdempotencyRecord>,
    counts: HashMap<CounterKey, i64>,
    /// Whether a statement wrote endpoints, of which others keep copies.
    pub(super) changes_endpoints: bool,
}

impl Collected {
    pub(super) fn count(&mut self, key: CounterKey, by: i64) {
        *self.counts.entry(key).or_default() += by;
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.events.extend(other.events);
        self.audits.extend(other.audits);
        self.records.extend(other.records);
        self.changes_endpoints |= other.changes_endpoints;
        for (key, by) in other.counts {
            self.count(key, by);
        }
    }

    /// Adds everything to the transaction; hands back the events.
    pub(super) async fn flush(self, tx: &Tx) -> Result<Vec<Event>, Unflushed> {
        add_records(tx, self.records).await?;
        add_events(tx, &self.events).await?;
        add_audits(tx, self.audits).await?;
        add_counts(tx, self.counts).await?;
        Ok(self.events)
    }
}

/// Takes the rows of the next INSERT, in their order.
fn next_chunk<T>(rows: &mut Vec<T>) -> Option<Vec<T>> {
    let rest = rows.split_off(rows.len().min(INSERT_ROWS_MAX));
    let chunk = std::mem::replace(rows, rest);
    (!chunk.is_empty()).then_some(chunk)
}

async fn add_events(tx: &Tx, events: &[Event]) -> Result<(), DbErr> {
    for chunk in events.chunks(ROWS_MAX) {
        if let Some(rows) = Rows::of(chunk.iter().map(event_row)) {
            tx.execute_raw(rows.statement(tx.get_database_backend(), EVENT, ADD_EVENTS, []))
                .await?;
        }
    }
    Ok(())
}

const EVENT: &str = "id, tenant, mode, name, view, data, products, created_at";
const ADD_EVENTS: &str = "insert into events (id, tenant, mode, name, view, data, products, created_at) \
    select id, tenant, mode, name, view, data, products, created_at from v where id is not null";

fn event_row(event: &Event) -> [sea_orm::Value; 8] {
    let products = serde_json::to_string(&event.products).ok();
    [
        event.id.into(),
        event.tenant.into(),
        event.mode.name().into(),
        event.name.as_str().into(),
        event.view.as_str().into(),
        event.data.to_string().into(),
        products.into(),
        event.created_at.0.into(),
    ]
}

async fn add_records(tx: &Tx, records: Vec<IdempotencyRecord>) -> Result<(), Unflushed> {
    let mut rows: Vec<_> = records.into_iter().map(record_row).collect();
    while let Some(rows) = next_chunk(&mut rows) {
        let sent = rows.len() as u64;
        let written = idempotency::Entity::insert_many(rows)
            .on_conflict(replace_spent_record())
            .exec_without_returning(tx)
            .await?;
        // Fewer rows than sent: another request holds one of these keys.
        if written < sent {
            let text = "A request with this Idempotency-Key is being worked on.";
            return Err(Unflushed::Refused(Error::new(Code::IdempotencyInFlight, text)));
        }
    }
    Ok(())
}

/// A key's record gives way when it has run out, or to its own completion.
fn replace_spent_record() -> OnConflict {
    use idempotency::Column;
    let old = |column: Column| Expr::col((idempotency::Entity, column));
    let new = |column: Column| Expr::col(("excluded", column));
    let spent = old(Column::ExpiresAt).lte(new(Column::CreatedAt));
    let own = old(Column::Id)
        .eq(new(Column::Id))
        .and(old(Column::State).eq(idempotency::State::Started));
    OnConflict::columns([Column::Principal, Column::Route, Column::KeyDigest])
        .update_columns(Column::iter())
        .action_and_where(spent.or(own))
        .to_owned()
}

fn record_row(record: IdempotencyRecord) -> idempotency::ActiveModel {
    idempotency::Model {
        id: record.id,
        tenant: record.tenant,
        principal: record.principal,
        route: record.route,
        key_digest: record.key_digest.to_vec(),
        body_digest: record.body_digest.to_vec(),
        state: record.state,
        status: i32::from(record.status),
        answer: record.answer.map(Into::into),
        sealed: record.sealed,
        created_at: record.created_at.0,
        expires_at: record.expires_at.0,
    }
    .into_active_model()
}

async fn add_audits(tx: &Tx, entries: Vec<AuditEntry>) -> Result<(), DbErr> {
    let mut ends: HashMap<Uuid, Link> = HashMap::new();
    let mut rows = Vec::with_capacity(entries.len());
    for entry in entries {
        let tenant = entry.tenant;
        let end = match ends.remove(&tenant) {
            Some(end) => end,
            None => Link::last(tx, tenant).await?,
        };
        let row = end.next(entry);
        ends.insert(
            tenant,
            Link {
                seq: row.seq,
                hash: row.hash.clone(),
            },
        );
        rows.push(row.into_active_model());
    }
    while let Some(rows) = next_chunk(&mut rows) {
        audit::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

async fn add_counts(tx: &Tx, counts: HashMap<CounterKey, i64>) -> Result<(), DbErr> {
    let mut counts: Vec<_> = counts.into_iter().filter(|(_, by)| *by != 0).collect();
    // Everyone locks totals in the same order, so that two transactions never wait for each other.
    counts.sort_by(|(a, _), (b, _)| (a.tenant, a.mode.name(), &a.name).cmp(&(b.tenant, b.mode.name(), &b.name)));
    for chunk in counts.chunks(ROWS_MAX) {
        let row = |(key, by): &(CounterKey, i64)| {
            [
                key.tenant.into(),
                key.mode.name().into(),
                key.name.as_str().into(),
                sea_orm::Value::from(*by),
            ]
        };
        if let Some(rows) = Rows::of(chunk.iter().map(row)) {
            tx.execute_raw(rows.statement(tx.get_database_backend(), COUNT, ADD_COUNTS, []))
                .await?;
        }
    }
    Ok(())
}

const COUNT: &str = "tenant, mode, name, value";
const ADD_COUNTS: &str = "insert into counters (tenant, mode, name, value) \
    select tenant, mode, name, value from v where tenant is not null \
    on conflict (tenant, mode, name) do update set value = counters.value + excluded.value";
