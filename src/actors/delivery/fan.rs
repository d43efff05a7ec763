//! The first half of a pass: events become deliveries, and those for which there is room are claimed as they are born.
//!
//! Events that were committed just now are in memory, with no need to read them. One of them waits there for a moment while
//! its tenant has all in flight that it may have: claimed at its birth a delivery costs half of one that is written first and
//! claimed later.

use super::lanes::{Room, TENANT_MAX};
use super::memory::{Memory, Wanted};
use super::pass::{Plan, Report};
use super::subscribers::Subscribers;
use crate::actors::deps::Deps;
use crate::domain::{Event, Result, Timestamp};
use crate::store::lease::Lease;
use crate::store::outbox::bodies::Bodies;
use crate::store::outbox::fan_out::{self, FanOut};
use bytes::Bytes;
use entities::{body, delivery};
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;

/// Events of one pass: their deliveries are one command, which others wait for.
const EVENTS_MAX: usize = 100;
/// Deliveries of one pass's events, so that a tenant with many endpoints does not make the command long.
const FAN_MAX: usize = 2_000;
/// Bytes of bodies that one pass writes: a body may have a mebibyte, and a tenant fifty endpoints.
const FAN_BYTES_MAX: usize = 8 * 1024 * 1024;
/// How long an event waits for room in memory, in milliseconds of real time; then its deliveries wait for it in the table,
/// where their owner sees them.
const DEFER_MS: i64 = 5_000;
/// Events of one look into the table.
const LOOK_EVENTS: u64 = 256;

/// Fans out what the scope lets it see.
pub(super) async fn out(deps: &Deps, memory: &Memory, plan: &mut Plan, report: &mut Report) -> Result<()> {
    let real_now = deps.clock.real_now();
    if memory.must_look(plan.scope, real_now) {
        memory.begin_look(real_now);
        let found = fan_out::waiting(&deps.store, LOOK_EVENTS).await?;
        let is_cut = found.len() as u64 == LOOK_EVENTS;
        memory.saw(found, is_cut, real_now);
    }
    let tenants = memory.tenants();
    if tenants.is_empty() {
        return Ok(());
    }
    let subscribers = memory.subscribers(&deps.store, &tenants, real_now).await?;
    let mut draft = Draft::new(deps, &subscribers, plan);
    report.has_more = draft.write(memory, tenants.len(), real_now, report) || !memory.is_whole();
    let fan_out = draft.fan_out;
    if fan_out.events.is_empty() {
        return Ok(());
    }
    report.events = fan_out.events.len();
    let fan_out = Arc::new(fan_out);
    let numbers = fan_out::commit(&deps.store, Arc::clone(&fan_out)).await?;
    memory.forget(&fan_out.events);
    // Where a tenant's events were left for the next pass, its readers find nothing new and wait on.
    tenants.iter().for_each(|tenant| deps.feed.tell(*tenant));
    let bodies: Bodies = fan_out.bodies.iter().map(bytes_of).collect();
    for row in &fan_out.deliveries {
        if row.lease_owner.is_some() {
            let seq = numbers.get(&row.event).copied().unwrap_or_default();
            let row = delivery::Model { seq, ..row.clone() };
            report.jobs.extend(subscribers.job(deps, row, &bodies));
        } else if row.due_at.is_some() {
            report.left_behind = true;
        }
    }
    Ok(())
}

fn bytes_of(body: &body::Model) -> ((Uuid, i32), Bytes) {
    ((body.event, body.place), Bytes::copy_from_slice(body.text.as_bytes()))
}

/// What a pass is going to write.
struct Draft<'a> {
    deps: &'a Deps,
    subscribers: &'a Subscribers,
    room: &'a mut Room,
    bytes_max: usize,
    lease: Lease,
    fan_out: FanOut,
    bytes: usize,
}

impl<'a> Draft<'a> {
    fn new(deps: &'a Deps, subscribers: &'a Subscribers, plan: &'a mut Plan) -> Self {
        Self {
            deps,
            subscribers,
            bytes_max: plan.bytes_max,
            lease: Lease::new(&deps.node.owner(), deps.clock.real_now()),
            fan_out: FanOut {
                events: Vec::new(),
                deliveries: Vec::new(),
                bodies: Vec::new(),
                now: plan.now,
            },
            room: &mut plan.room,
            bytes: 0,
        }
    }

    /// Takes in what memory holds, as far as there is room for it; tells whether the bounds of a pass left more.
    fn write(&mut self, memory: &Memory, tenants: usize, real_now: Timestamp, report: &mut Report) -> bool {
        // Where events wait behind these unseen, none of these waits for room.
        let may_wait = memory.is_whole();
        // None for a tenant whose earlier events wait: its events keep their order.
        let mut room: HashMap<Uuid, Option<usize>> = HashMap::new();
        let mut waiting_tenants = 0;
        let (told, has_left) = memory.take(EVENTS_MAX, |fresh| {
            let event = &fresh.event;
            let left = room
                .entry(event.tenant)
                .or_insert_with(|| Some(self.room.left_for(event.tenant)));
            let age_ms = real_now.0 - fresh.since_at.0;
            let may_wait = may_wait && (0..DEFER_MS).contains(&age_ms);
            if may_wait && left.is_none() {
                return Wanted::No;
            }
            let wanted = self.subscribers.count(self.deps, event);
            // What wants more than there ever is does not wait for it.
            let fits = |left: usize| wanted <= left || wanted > TENANT_MAX as usize;
            if may_wait && !left.is_some_and(fits) {
                *left = None;
                waiting_tenants += 1;
                // The rest came later and may wait at least as long.
                return if waiting_tenants == tenants {
                    Wanted::NoneOfTheRest
                } else {
                    Wanted::No
                };
            }
            *left = left.map(|left| left.saturating_sub(wanted));
            Wanted::Yes
        });
        let is_cut = told.len() == EVENTS_MAX;
        report.has_deferred = has_left && !is_cut;
        let mut told = told.into_iter();
        while let Some(fresh) = told.next() {
            self.add(fresh.event);
            if self.is_full() && told.len() > 0 {
                memory.give_back(told);
                return true;
            }
        }
        is_cut
    }

    /// Whether the pass has enough, be it of one event alone.
    fn is_full(&self) -> bool {
        self.fan_out.deliveries.len() >= FAN_MAX || self.bytes >= FAN_BYTES_MAX
    }

    fn add(&mut self, event: Event) {
        let (rows, bodies) = self.subscribers.rows_for(self.deps, &event, self.fan_out.now);
        let has_bytes_left = self.bytes < self.bytes_max;
        self.bytes += bodies.iter().map(|body| body.text.len()).sum::<usize>();
        for mut row in rows {
            // A new delivery is claimed at once where there is room for it.
            if has_bytes_left && row.due_at.is_some() && self.room.take(row.endpoint, row.tenant) {
                row.lease_owner = Some(self.lease.owner.clone());
                row.lease_until_at = Some(self.lease.until_at.0);
            }
            self.fan_out.deliveries.push(row);
        }
        self.fan_out.bodies.extend(bodies);
        self.fan_out.events.push(event);
    }
}
