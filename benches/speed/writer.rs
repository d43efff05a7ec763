//! The store's door without HTTP: 64 callers, grouped as they come or one transaction each.

use super::Outcome;
use super::served::Served;
use entities::{idempotency, product};
use fondaco::clock::Ids;
use fondaco::domain::{Event, Mode, Timestamp};
use fondaco::store::{AuditEntry, IdempotencyRecord, Store, Tx};
use sea_orm::{EntityTrait, IntoActiveModel};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;
use uuid::Uuid;

/// Who writes at once.
const CALLERS: usize = 64;

/// What a command writes.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(super) enum Form {
    /// One product.
    One,
    /// A product, its event, its audit entry and its stored answer: what a creation with an `Idempotency-Key` writes.
    Four,
    /// Four products by four statements.
    FourStatements,
}

impl Form {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::One => "one",
            Self::Four => "four",
            Self::FourStatements => "four_statements",
        }
    }
}

/// How a measurement writes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Command {
    pub(super) form: Form,
    /// One command under way at a time, so that each is a transaction of its own.
    pub(super) alone: bool,
    pub(super) window: Duration,
}

/// What was written.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Written {
    pub(super) commands: u64,
    pub(super) commits: u64,
    pub(super) micros: u64,
}

impl Written {
    /// Commands per second.
    pub(super) fn per_s(&self) -> f64 {
        super::samples::large(self.commands) * 1e6 / super::samples::large(self.micros.max(1))
    }
}

/// Asks a server to measure its own door.
pub(super) fn ask(server: &Served, command: Command) -> Outcome<Written> {
    let path = format!(
        "/writer?form={}&alone={}&ms={}",
        command.form.name(),
        command.alone,
        command.window.as_millis()
    );
    let (status, body) = super::raw::once(server.beside, ("GET", &path), "-", "")?;
    if status != 200 {
        return Err(format!("the writer answered {status}: {body}").into());
    }
    Ok(serde_json::from_str(&body)?)
}

/// Writes for a while.
pub(super) async fn write(store: &Store, ids: &Ids, command: Command) -> Outcome<Written> {
    // A tenant of its own per caller: the audit chain of one tenant is one line.
    let gate = Arc::new(Semaphore::new(if command.alone { 1 } else { CALLERS }));
    let done = Arc::new(AtomicU64::new(0));
    let (before, started) = (store.stats(), Instant::now());
    let mut callers = Vec::with_capacity(CALLERS);
    for caller in 0..CALLERS {
        let (store, ids, gate, done) = (store.clone(), ids.clone(), gate.clone(), done.clone());
        callers.push(tokio::task::spawn_local(async move {
            let tenant = super::seed::tenant_id(caller);
            while started.elapsed() < command.window {
                let _turn = gate.acquire().await?;
                let rows = Rows::new(&ids, tenant, command.form);
                store.command(async move |tx| rows.write(tx).await).await?;
                done.fetch_add(1, Ordering::Relaxed);
            }
            Outcome::Ok(())
        }));
    }
    for caller in callers {
        caller.await??;
    }
    let micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    Ok(Written {
        commands: done.load(Ordering::Relaxed),
        commits: store.stats().commits - before.commits,
        micros,
    })
}

/// What one command writes, made outside it.
struct Rows {
    products: Vec<product::Model>,
    collected: Option<(Event, AuditEntry, IdempotencyRecord)>,
}

impl Rows {
    fn new(ids: &Ids, tenant: Uuid, form: Form) -> Self {
        let now = Timestamp(1_780_000_000_000);
        let count = if form == Form::FourStatements { 4 } else { 1 };
        let products: Vec<_> = (0..count)
            .map(|_| super::seed::product(ids.uuid(now), tenant, "written"))
            .collect();
        let collected = (form == Form::Four).then(|| collected(ids, tenant, now));
        Self { products, collected }
    }

    async fn write(&self, tx: &Tx) -> fondaco::domain::Result<()> {
        for row in &self.products {
            product::Entity::insert(row.clone().into_active_model())
                .exec_without_returning(tx)
                .await?;
        }
        if let Some((event, entry, record)) = &self.collected {
            tx.emit(event.clone());
            tx.audit(entry.clone());
            tx.remember(record.clone());
        }
        Ok(())
    }
}

fn collected(ids: &Ids, tenant: Uuid, now: Timestamp) -> (Event, AuditEntry, IdempotencyRecord) {
    let event = Event {
        id: ids.uuid(now),
        tenant,
        mode: Mode::Test,
        name: "product.created".to_owned(),
        view: "product".to_owned(),
        data: json!({"name": "written", "price_minor": 1900, "currency": "USD"}),
        products: Vec::new(),
        created_at: now,
    };
    let entry = AuditEntry {
        id: ids.uuid(now),
        tenant,
        actor: "key:bench".to_owned(),
        action: "product.created".to_owned(),
        target: "product".to_owned(),
        detail: json!({}),
        happened_at: now,
    };
    let record = IdempotencyRecord {
        id: ids.uuid(now),
        tenant: Some(tenant),
        principal: "key:bench".to_owned(),
        route: "products.create".to_owned(),
        key_digest: ids.bytes(),
        body_digest: ids.bytes(),
        state: idempotency::State::Done,
        status: 201,
        answer: Some(json!({"name": "written", "price_minor": 1900, "currency": "USD"})),
        sealed: None,
        created_at: now,
        expires_at: Timestamp(now.0 + 86_400_000),
    };
    (event, entry, record)
}
