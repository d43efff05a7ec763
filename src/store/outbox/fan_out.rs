//! From committed facts to one delivery per subscriber.

use crate::domain::{Error, Event, Result, Timestamp};
use crate::store::{Store, Tx};
use entities::{counter, delivery, endpoint, event};
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, OnConflict};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// The counter that numbers a tenant's events of one mode.
const SEQUENCE: &str = "event_sequence";
/// Rows of one INSERT; at 26 columns this stays below SQLite's 32,766 variables.
const INSERT_ROWS_MAX: usize = 1_000;

/// Events to be marked as fanned out, with the deliveries they become.
#[derive(Clone, Debug)]
pub struct FanOut {
    /// The events, in the order in which they are numbered.
    pub events: Vec<Event>,
    /// One row per event and subscriber; their `seq` is filled in here.
    pub deliveries: Vec<delivery::Model>,
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

/// Numbers the events, marks them and adds their deliveries, all or nothing; hands the deliveries back with their numbers.
///
/// Fails as unavailable where another node was faster with any of them: the next pass sees what is left.
pub async fn commit(store: &Store, fan_out: FanOut) -> Result<Vec<delivery::Model>> {
    store
        .command(async move |tx| {
            let numbers = number(tx, &fan_out).await?;
            mark(tx, &fan_out, &numbers).await?;
            let mut deliveries = fan_out.deliveries.clone();
            for delivery in &mut deliveries {
                delivery.seq = numbers.get(&delivery.event).copied().unwrap_or_default();
            }
            insert(tx, &deliveries).await?;
            Ok(deliveries)
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
    let ids: Vec<Uuid> = fan_out.events.iter().map(|event| event.id).collect();
    let seq = numbers.iter().fold(CaseStatement::new(), |case, (id, number)| {
        case.case(event::Column::Id.eq(*id), Expr::value(*number))
    });
    let marked = event::update_anywhere()
        .filter(event::Column::Id.is_in(ids.iter().copied()))
        .filter(event::Column::DispatchedAt.is_null())
        .col_expr(event::Column::DispatchedAt, Expr::value(fan_out.now.0))
        .col_expr(event::Column::Seq, seq.into())
        .exec(tx)
        .await?;
    if usize::try_from(marked.rows_affected) == Ok(ids.len()) {
        return Ok(());
    }
    Err(Error::unavailable(1))
}

async fn insert(tx: &Tx, deliveries: &[delivery::Model]) -> Result<()> {
    use delivery::Column;
    for rows in deliveries.chunks(INSERT_ROWS_MAX) {
        let once = OnConflict::columns([Column::Event, Column::Endpoint, Column::Round])
            .do_nothing()
            .to_owned();
        delivery::Entity::insert_many(rows.iter().cloned().map(IntoActiveModel::into_active_model))
            .on_conflict(once)
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
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
