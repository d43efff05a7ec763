//! From committed facts to one delivery per subscriber.

use super::bodies;
use crate::domain::{Error, Event, Result, Timestamp};
use crate::store::many::{ROWS_MAX, Rows};
use crate::store::{Store, Tx};
use entities::{body, counter, delivery, endpoint, event};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ActiveEnum, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Value,
};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use uuid::Uuid;

const MARK: &str = "update events set dispatched_at = ?, seq = v.number from v where id = v.event and dispatched_at is null";
const COLUMNS: &str = "id, tenant, mode, event, endpoint, event_name, body_place, status, attempts_max, due_at, lease_owner, \
    lease_until_at, seq, created_at, updated_at";
const INSERT: &str = "insert into deliveries (id, tenant, mode, event, endpoint, event_name, body_place, status, attempts_max, \
    due_at, lease_owner, lease_until_at, seq, created_at, updated_at, attempt_count, round) \
    select id, tenant, mode, event, endpoint, event_name, body_place, status, attempts_max, due_at, lease_owner, \
    lease_until_at, seq, created_at, updated_at, 0, 0 from v where id is not null \
    on conflict (event, endpoint, round) do nothing";
/// The counter that numbers a tenant's events of one mode.
const SEQUENCE: &str = "event_sequence";
/// Events to be marked as fanned out, with the deliveries they become.
#[derive(Clone, Debug)]
pub struct FanOut {
    /// The events, in the order in which they are numbered.
    pub events: Vec<Event>,
    /// One row per event and subscriber; their `seq` is written from the numbers drawn here.
    pub deliveries: Vec<delivery::Model>,
    /// What they carry.
    pub bodies: Vec<body::Model>,
    /// When it happens, on the server's clock.
    pub now: Timestamp,
}

/// Reads the events that wait for fan-out, the oldest first.
pub async fn waiting(store: &Store, limit: u64) -> Result<Vec<Event>> {
    let rows = event::undispatched_anywhere()
        .order_by_asc(event::Column::CreatedAt)
        .order_by_asc(event::Column::Id)
        .limit(limit)
        .all(store.read())
        .await?;
    Ok(rows.into_iter().map(fact).collect())
}

/// Reads the endpoints of these tenants that are not deleted, those switched off too.
pub async fn subscribers(store: &Store, tenants: &[Uuid]) -> Result<Vec<endpoint::Model>> {
    let endpoints = endpoint::anywhere()
        .filter(endpoint::Column::Tenant.is_in(tenants.iter().copied()))
        .filter(endpoint::Column::DeletedAt.is_null())
        .order_by_asc(endpoint::Column::CreatedAt)
        .order_by_asc(endpoint::Column::Id);
    Ok(endpoints.all(store.read()).await?)
}

/// Numbers the events, marks them and adds their deliveries, all or nothing; hands out the numbers by event.
///
/// Fails as unavailable where another node was faster with any of them: the next pass sees what is left.
pub async fn commit(store: &Store, fan_out: Arc<FanOut>) -> Result<HashMap<Uuid, i64>> {
    store
        .command(async move |tx| {
            let numbers = number(tx, &fan_out).await?;
            mark(tx, &fan_out, &numbers).await?;
            bodies::add(tx, &fan_out.bodies).await?;
            insert(tx, &fan_out.deliveries, &numbers).await?;
            Ok(numbers)
        })
        .await
}

/// Draws the events' numbers; tenants are locked in order, so that two nodes never wait for each other.
async fn number(tx: &Tx, fan_out: &FanOut) -> Result<HashMap<Uuid, i64>> {
    let mut by_counter: BTreeMap<(Uuid, &str), Vec<&Event>> = BTreeMap::new();
    for event in &fan_out.events {
        by_counter.entry((event.tenant, event.mode.name())).or_default().push(event);
    }
    let mut numbers = HashMap::with_capacity(fan_out.events.len());
    for ((tenant, _), events) in by_counter {
        let count = i64::try_from(events.len()).unwrap_or(i64::MAX);
        let Some(first) = events.first() else { continue };
        let last = draw(tx, tenant, first.mode.into(), count).await?;
        for (event, number) in events.iter().zip(last - count + 1..) {
            numbers.insert(event.id, number);
        }
    }
    Ok(numbers)
}

async fn draw(tx: &Tx, tenant: Uuid, mode: entities::Mode, count: i64) -> Result<i64> {
    let row = counter::Model {
        tenant,
        mode,
        name: SEQUENCE.to_owned(),
        value: count,
    };
    let value = counter::Column::Value;
    let add = OnConflict::columns([counter::Column::Tenant, counter::Column::Mode, counter::Column::Name])
        .value(value, Expr::col((counter::Entity, value)).add(Expr::col(("excluded", value))))
        .to_owned();
    let drawn = counter::Entity::insert(row.into_active_model())
        .on_conflict(add)
        .exec_with_returning(tx)
        .await?;
    Ok(drawn.value)
}

async fn mark(tx: &Tx, fan_out: &FanOut, numbers: &HashMap<Uuid, i64>) -> Result<()> {
    for events in fan_out.events.chunks(ROWS_MAX) {
        let rows = events
            .iter()
            .map(|event| [event.id.into(), numbers.get(&event.id).copied().into()]);
        let Some(rows) = Rows::of(rows) else { continue };
        let update = rows.statement(tx.get_database_backend(), "event, number", MARK, [fan_out.now.0.into()]);
        let marked = tx.execute_raw(update).await?;
        if usize::try_from(marked.rows_affected()) != Ok(events.len()) {
            return Err(Error::unavailable(1));
        }
    }
    Ok(())
}

async fn insert(tx: &Tx, deliveries: &[delivery::Model], numbers: &HashMap<Uuid, i64>) -> Result<()> {
    for chunk in deliveries.chunks(ROWS_MAX) {
        let rows = chunk
            .iter()
            .map(|row| columns(row, numbers.get(&row.event).copied().unwrap_or_default()));
        if let Some(rows) = Rows::of(rows) {
            tx.execute_raw(rows.statement(tx.get_database_backend(), COLUMNS, INSERT, []))
                .await?;
        }
    }
    Ok(())
}

/// The columns in which new deliveries differ.
fn columns(row: &delivery::Model, number: i64) -> [Value; 15] {
    [
        row.id.into(),
        row.tenant.into(),
        row.mode.to_value().into(),
        row.event.into(),
        row.endpoint.into(),
        row.event_name.as_str().into(),
        row.body_place.into(),
        row.status.to_value().into(),
        row.attempts_max.into(),
        row.due_at.into(),
        row.lease_owner.clone().into(),
        row.lease_until_at.into(),
        number.into(),
        row.created_at.into(),
        row.updated_at.into(),
    ]
}

fn fact(row: event::Model) -> Event {
    Event {
        id: row.id,
        tenant: row.tenant,
        mode: row.mode.into(),
        name: row.name,
        view: row.view,
        data: row.data.0,
        products: row.products.0,
        created_at: Timestamp(row.created_at),
    }
}
