//! What the tables must say when a month is over: nothing is lost, nothing waits, nothing is left claimed.

use super::ledger::{Ledger, Subscriber, Track};
use super::oracle::Fate;
use entities::delivery::{self, Status};
use entities::{attempt, endpoint, event};
use fondaco::store::Store;
use sea_orm::{ConnectionTrait as _, QueryOrder as _, Statement};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// What a seed came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) events: usize,
    pub(super) deliveries: usize,
    pub(super) attempts: usize,
    pub(super) crashes: u32,
    pub(super) disabled: usize,
    /// Follows every step: two runs of one seed must agree in it.
    pub(super) trace: u64,
}

pub(super) async fn audit(store: &Store, ledger: &Ledger) -> Result<Tally, String> {
    let events = event::anywhere().all(store.read()).await.unwrap();
    let rows = delivery::anywhere().all(store.read()).await.unwrap();
    let endpoints = endpoint::anywhere().all(store.read()).await.unwrap();
    let attempts = attempt::anywhere()
        .order_by_asc(attempt::Column::Number)
        .all(store.read())
        .await
        .unwrap();
    every_event_is_there(ledger, &events)?;
    every_delivery_is_there(ledger, &events, &rows)?;
    for row in &rows {
        let subscriber = &ledger.subscribers[&row.endpoint];
        is_settled(row, subscriber, ledger.tracks.get(&row.id))?;
    }
    let mut numbers: BTreeMap<Uuid, Vec<i32>> = BTreeMap::new();
    for attempt in &attempts {
        numbers.entry(attempt.delivery).or_default().push(attempt.number);
    }
    for (id, track) in &ledger.tracks {
        let expected: Vec<i32> = (1..).take(track.recorded as usize).collect();
        let found = numbers.remove(id).unwrap_or_default();
        if found != expected {
            return Err(format!("{id} has the attempts {found:?}, not {expected:?}"));
        }
        if track.sends > track.recorded + track.excused {
            return Err(format!(
                "{id} was sent {} times, recorded {}, excused {}",
                track.sends, track.recorded, track.excused
            ));
        }
    }
    for row in &endpoints {
        health_is_kept(row, &ledger.subscribers[&row.id])?;
    }
    owners_were_told(store, ledger).await?;
    Ok(Tally {
        events: events.len(),
        deliveries: rows.len(),
        attempts: attempts.len(),
        disabled: ledger.subscribers.values().filter(|one| one.disabled.is_some()).count(),
        ..Tally::default()
    })
}

fn every_event_is_there(ledger: &Ledger, events: &[event::Model]) -> Result<(), String> {
    let of = |name: &str| -> BTreeSet<Uuid> {
        events
            .iter()
            .filter(|event| event.name == name)
            .map(|event| event.id)
            .collect()
    };
    let made = of("product.created");
    if made != ledger.committed {
        return Err(format!(
            "{} events were answered, {} are there",
            ledger.committed.len(),
            made.len()
        ));
    }
    if let Some(id) = made.intersection(&ledger.refused).next() {
        return Err(format!("event {id} was refused and is there all the same"));
    }
    let disabled = ledger.subscribers.values().filter(|one| one.disabled.is_some()).count();
    let told = of("webhook.endpoint_disabled").len();
    if told != disabled {
        return Err(format!("{disabled} endpoints were switched off, {told} events say so"));
    }
    match events.iter().find(|event| event.dispatched_at.is_none()) {
        Some(event) => Err(format!("event {} was never fanned out", event.id)),
        None => Ok(()),
    }
}

fn every_delivery_is_there(ledger: &Ledger, events: &[event::Model], rows: &[delivery::Model]) -> Result<(), String> {
    let mut found: BTreeMap<(Uuid, Uuid), u32> = BTreeMap::new();
    for row in rows {
        *found.entry((row.event, row.endpoint)).or_default() += 1;
    }
    for event in events {
        for (id, subscriber) in &ledger.subscribers {
            let count = found.remove(&(event.id, *id)).unwrap_or_default();
            let is_mine = subscriber.tenant == event.tenant;
            if count != u32::from(is_mine) && !(count == 0 && subscriber.is_deleted) {
                return Err(format!("event {} has {count} deliveries to {id}", event.id));
            }
        }
    }
    if found.is_empty() {
        Ok(())
    } else {
        Err(format!("deliveries of no event: {found:?}"))
    }
}

/// Delivered, or exhausted or held where its owner can see it; due and claimed no more.
fn is_settled(row: &delivery::Model, to: &Subscriber, track: Option<&Track>) -> Result<(), String> {
    let fate = track.and_then(|track| track.fate);
    let is_over = matches!(fate, Some(Fate::Final | Fate::Gone));
    let was_tried = track.is_some_and(|track| track.recorded > 0);
    let is_right = match row.status {
        Status::Success => fate == Some(Fate::Delivered) && track.is_some_and(|track| track.is_taken),
        Status::PermanentlyFailed => {
            is_over || (fate != Some(Fate::Delivered) && (to.is_deleted || (!to.is_on && to.rules.gives_up_when_off)))
        }
        Status::Held => !to.is_on && !is_over && fate != Some(Fate::Delivered) && (!to.rules.gives_up_when_off || !was_tried),
        _ => false,
    };
    if !is_right {
        return Err(format!(
            "{} ends as {:?} after {fate:?}; its endpoint: {to:?}",
            row.id, row.status
        ));
    }
    if row.due_at.is_some() || row.lease_owner.is_some() || row.lease_until_at.is_some() {
        return Err(format!("{} is over, and due or claimed all the same", row.id));
    }
    let recorded = track.map_or(0, |track| track.recorded);
    if u32::try_from(row.attempt_count) != Ok(recorded) {
        return Err(format!("{} counts {} attempts of {recorded}", row.id, row.attempt_count));
    }
    Ok(())
}

fn health_is_kept(row: &endpoint::Model, rules: &Subscriber) -> Result<(), String> {
    let disabled = row.disabled_at.zip(row.disabled_reason.as_deref());
    if disabled != rules.disabled {
        return Err(format!(
            "{} was switched off {disabled:?}, the rules say {:?}",
            row.id, rules.disabled
        ));
    }
    if row.is_active != rules.is_on {
        return Err(format!("{} is on: {}, the rules say {}", row.id, row.is_active, rules.is_on));
    }
    Ok(())
}

async fn owners_were_told(store: &Store, ledger: &Ledger) -> Result<(), String> {
    let text = "select kind, count(*) as mails from mails group by kind";
    let query = Statement::from_string(store.backend(), text);
    let mut told: BTreeMap<String, i64> = BTreeMap::new();
    for row in store.read().query_all_raw(query).await.unwrap() {
        told.insert(row.try_get("", "kind").unwrap(), row.try_get("", "mails").unwrap());
    }
    let warnings: i64 = ledger.subscribers.values().map(|one| i64::from(one.warnings)).sum();
    let disabled: i64 = ledger.subscribers.values().map(|one| i64::from(one.disabled.is_some())).sum();
    for (kind, expected) in [
        ("webhook_endpoint_failing", warnings),
        ("webhook_endpoint_disabled", disabled),
    ] {
        let found = told.get(kind).copied().unwrap_or_default();
        if found != expected {
            return Err(format!("{found} mails of {kind}, {expected} were due"));
        }
    }
    Ok(())
}
