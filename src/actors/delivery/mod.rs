//! The supervised pool that sends webhooks. Rows are the queue; this holds only what is in flight.
//!
//! Woken by a poke or a timer, the pool runs a pass (`pass`), which fans events out and claims what is due as far as the
//! lanes (`lanes`) have room; it hands each claimed delivery with a ticket (`ticket`) to a worker (`worker`), which makes
//! the attempt (`attempt`); what came of it is recorded in batches, and only then is its place in the lane free again. A
//! lost ticket is tried again once, then recorded as a failed attempt. What even that loses comes back when its lease ends.
//! Delivery is at least once; what may arrive twice is at most what was in flight at a crash.

pub mod attempt;
pub mod lanes;
pub mod manual;
pub mod memory;
pub mod messages;
pub mod pass;
pub mod rules;
pub mod sender;
pub mod subscriber;
pub mod ticket;
pub mod worker;

mod fan;
mod recording;
mod subscribers;

use self::attempt::Job;
use self::lanes::{Breakers, Lanes};
use self::memory::Memory;
use self::messages::{Drain, Finished, Inspect, Lost, PanicNext, Planned, Poke, PoolState, Settle, Try};
use self::pass::{Plan, Report, Scope};
use self::recording::Recording;
use self::ticket::{PassTicket, Ticket};
use self::worker::Worker;
use super::call;
use super::deps::Deps;
use super::supervisor::Supervised;
use crate::domain::Timestamp;
use crate::store::outbox::due;
use crate::telemetry::series;
use actix::{Actor, AsyncContext, Context, Handler};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::oneshot;
use uuid::Uuid;

/// Messages that may wait for the pool: each job in flight sends one, and pokes are merged into one.
pub const MAILBOX: usize = 8_192;
/// Messages that may wait for a worker: all that may be in flight.
pub const WORKER_MAILBOX: usize = lanes::PROCESS_MAX as usize + 1;
/// How often a pass looks for what is due and for events whose poke was lost.
const TICK: Duration = Duration::from_secs(1);
/// How often waiting deliveries are counted for the metrics.
const COUNT: Duration = Duration::from_secs(15);
/// The pause after a pass or a recording that failed, or a worker that is being restarted.
const PAUSE: Duration = Duration::from_millis(100);
/// Failed passes in a row after which `settle` gives up: the database is gone.
const FAILURES_MAX: u32 = 20;

/// Bytes of bodies in flight; one body more may start, whatever its size.
const BYTES_MAX: usize = 48 * 1024 * 1024;

/// A job handed to a worker.
struct Flight {
    job: Job,
    losses: u32,
}

/// Somebody who waits until nothing is due.
struct Settler {
    now: Timestamp,
    reply: oneshot::Sender<()>,
}

/// What the pool shares with those who tell it of work, and keeps when it is rebuilt.
#[derive(Debug, Default)]
pub struct Inbox {
    /// Set while a poke lies in the mailbox, so that a thousand pokes are one.
    pub is_poked: AtomicBool,
    /// Whether one of them said that there may be work in the tables.
    pub looks: AtomicBool,
    /// The events they told of.
    pub memory: Memory,
}

/// The actor that plans, hands out and records.
pub struct Pool {
    deps: Arc<Deps>,
    myself: Supervised<Pool>,
    workers: Vec<Supervised<Worker>>,
    next_worker: usize,
    inbox: Arc<Inbox>,
    lanes: Lanes,
    flights: HashMap<Uuid, Flight>,
    recording: Recording,
    is_planning: bool,
    wants_plan: bool,
    /// Whether the next pass looks into the tables.
    wants_all: bool,
    left_behind: bool,
    has_deferred: bool,
    failures: u32,
    settlers: Vec<Settler>,
    /// Set for good: nothing more is begun.
    is_draining: bool,
    drains: Vec<oneshot::Sender<()>>,
    panics_left: u32,
    lost: u64,
}

impl Pool {
    /// Starts with nothing in flight; what a predecessor had claimed comes back when its leases end.
    pub fn new(deps: Arc<Deps>, myself: Supervised<Pool>, workers: Vec<Supervised<Worker>>, inbox: Arc<Inbox>) -> Self {
        Self {
            deps,
            myself,
            workers,
            next_worker: 0,
            inbox,
            lanes: Lanes::default(),
            flights: HashMap::new(),
            recording: Recording::default(),
            is_planning: false,
            wants_plan: false,
            wants_all: true,
            left_behind: false,
            has_deferred: false,
            failures: 0,
            settlers: Vec::new(),
            is_draining: false,
            drains: Vec::new(),
            panics_left: 0,
            lost: 0,
        }
    }

    fn plan(&mut self) {
        if self.is_draining {
            return;
        }
        if self.is_planning {
            self.wants_plan = true;
            return;
        }
        let scope = self.scope();
        (self.is_planning, self.wants_plan) = (true, false);
        (self.wants_all, self.left_behind, self.has_deferred) = (false, false, false);
        let breakers = if self.settlers.is_empty() {
            Breakers::Heeded
        } else {
            Breakers::Ignored
        };
        let settled_at = self.settlers.iter().map(|settler| settler.now).max();
        let plan = Plan {
            scope,
            now: settled_at.unwrap_or_else(|| self.deps.clock.now()),
            room: self.lanes.room(self.deps.clock.real_now(), breakers),
            bytes_max: BYTES_MAX.saturating_sub(self.bytes_in_flight()),
        };
        let (deps, inbox) = (Arc::clone(&self.deps), Arc::clone(&self.inbox));
        let ticket = PassTicket::new(self.myself.clone());
        actix_rt::spawn(async move {
            let report = pass::step(&deps, &inbox.memory, plan).await;
            ticket.done(report);
        });
    }

    /// The tables are left alone where nobody said that there is anything in them, and nothing was left there.
    fn scope(&self) -> Scope {
        let was_asked = self.inbox.looks.swap(false, Ordering::SeqCst);
        if was_asked || self.wants_all || self.left_behind || !self.settlers.is_empty() {
            Scope::All
        } else {
            Scope::Told
        }
    }

    /// Looks into the tables, now or in the next pass.
    fn plan_all(&mut self) {
        self.wants_all = true;
        self.plan();
    }

    fn take_up(&mut self, report: Report, ctx: &mut Context<Self>) {
        let is_idle = report.is_idle();
        for job in report.jobs {
            // Its lease ended under way, as when the machine slept: the claim has prolonged it, and one try is enough.
            let id = job.delivery.id;
            if self.flights.contains_key(&id) || self.recording.holds(id) {
                continue;
            }
            self.lanes.enter(job.endpoint.id, job.delivery.tenant);
            self.hand_out(Flight { job, losses: 0 }, ctx);
        }
        self.left_behind |= report.left_behind;
        self.has_deferred = report.has_deferred;
        // What was left unseen is in the tables, or was told while this pass looked.
        self.wants_all |= report.has_more;
        if let Some(error) = report.error {
            self.failures += 1;
            tracing::warn!(%error, "a delivery pass was cut short");
            self.plan_later(ctx);
        } else {
            self.failures = 0;
            // A settler is told only after a pass that found nothing.
            let must_look_again = !is_idle && !self.settlers.is_empty() && self.flights.is_empty();
            let has_room_again = self.has_deferred && self.flights.is_empty() && self.recording.is_empty();
            if report.has_more || self.wants_plan || must_look_again || has_room_again {
                self.plan();
            }
        }
        self.tell_whoever_waits(is_idle);
    }

    fn bytes_in_flight(&self) -> usize {
        self.flights.values().map(|flight| flight.job.body.len()).sum()
    }

    fn plan_later(&mut self, ctx: &mut Context<Self>) {
        ctx.run_later(PAUSE, |pool, _| pool.plan_all());
    }

    fn hand_out(&mut self, flight: Flight, ctx: &mut Context<Self>) {
        let id = flight.job.delivery.id;
        let panics = self.panics_left > 0;
        let attempt = Try {
            job: flight.job.clone(),
            ticket: Ticket::new(id, self.myself.clone()),
            panics,
        };
        self.flights.insert(id, flight);
        for _ in 0..self.workers.len() {
            self.next_worker = (self.next_worker + 1) % self.workers.len().max(1);
            if let Some(addr) = self.workers.get(self.next_worker).and_then(Supervised::addr) {
                self.panics_left -= u32::from(panics);
                // Refused by a mailbox, the message is dropped and its ticket tells.
                call::poke(&addr, attempt);
                return;
            }
        }
        // All workers are being restarted.
        attempt.ticket.withdraw();
        ctx.run_later(PAUSE, move |pool, ctx| {
            if let Some(flight) = pool.flights.remove(&id) {
                pool.hand_out(flight, ctx);
            }
        });
    }

    /// Takes note of an attempt that was made, whoever handed it out; its place is free once it is recorded.
    fn finish(&mut self, finished: Finished) {
        let is_mine = self.flights.remove(&finished.made.attempt.delivery).is_some();
        self.recording.add(finished, is_mine);
        self.record();
    }

    fn tell_whoever_waits(&mut self, found_nothing: bool) {
        let is_quiet = self.flights.is_empty() && self.recording.is_empty() && !self.is_planning;
        if is_quiet {
            for drained in self.drains.drain(..) {
                let _ = drained.send(());
            }
        }
        let is_settled = is_quiet && found_nothing && !self.wants_plan;
        if is_settled || self.failures > FAILURES_MAX || self.is_draining {
            for settler in self.settlers.drain(..) {
                let _ = settler.reply.send(());
            }
        }
    }

    fn count_pending(&self) {
        series::deliveries_in_flight(self.flights.len());
        let deps = Arc::clone(&self.deps);
        actix_rt::spawn(async move {
            // What cannot be counted now keeps its last value; the next count is seconds away.
            if let Ok(pending) = due::pending(&deps.store).await {
                series::deliveries_pending(pending);
            }
            if let Ok(first) = due::first(&deps.store).await {
                series::oldest_due(first.map_or(0, |at| deps.clock.now().0 - at.0));
            }
            if let Ok(disabled) = due::disabled(&deps.store).await {
                series::endpoints_disabled(disabled);
            }
        });
    }
}

impl Actor for Pool {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        self.inbox.is_poked.store(false, Ordering::SeqCst);
        self.inbox.memory.fell_behind();
        if self.deps.has_ticks {
            self.count_pending();
            ctx.run_interval(TICK, |pool, _| pool.plan_all());
            ctx.run_interval(COUNT, |pool, _| pool.count_pending());
            self.plan();
        }
    }
}

impl Handler<Poke> for Pool {
    type Result = ();
    fn handle(&mut self, _: Poke, _: &mut Self::Context) {
        // Before the pass reads, or a poke that comes while it reads would be lost.
        self.inbox.is_poked.store(false, Ordering::SeqCst);
        self.plan();
    }
}

impl Handler<Planned> for Pool {
    type Result = ();
    fn handle(&mut self, Planned(report): Planned, ctx: &mut Self::Context) {
        self.is_planning = false;
        match report {
            Some(report) => self.take_up(report, ctx),
            None => {
                tracing::error!("a delivery pass died");
                self.inbox.memory.fell_behind();
                self.failures += 1;
                self.plan_later(ctx);
                self.tell_whoever_waits(false);
            }
        }
    }
}

impl Handler<Finished> for Pool {
    type Result = ();
    fn handle(&mut self, finished: Finished, _: &mut Self::Context) {
        self.finish(finished);
    }
}

impl Handler<Lost> for Pool {
    type Result = ();
    fn handle(&mut self, Lost(id): Lost, ctx: &mut Self::Context) {
        let Some(mut flight) = self.flights.remove(&id) else { return };
        self.lost += 1;
        series::attempt_lost();
        flight.losses += 1;
        if flight.losses < 2 {
            self.hand_out(flight, ctx);
            return;
        }
        tracing::error!(delivery.id = %id, "an attempt was lost twice and counts as failed");
        let finished = attempt::lost(&self.deps, &flight.job);
        self.flights.insert(id, flight);
        self.finish(finished);
    }
}

impl Handler<Settle> for Pool {
    type Result = ();
    fn handle(&mut self, Settle { now, reply }: Settle, _: &mut Self::Context) {
        self.settlers.push(Settler { now, reply });
        self.plan();
        self.tell_whoever_waits(false);
    }
}

impl Handler<Drain> for Pool {
    type Result = ();
    fn handle(&mut self, Drain { reply }: Drain, _: &mut Self::Context) {
        self.is_draining = true;
        self.drains.push(reply);
        self.tell_whoever_waits(false);
    }
}

impl Handler<PanicNext> for Pool {
    type Result = ();
    fn handle(&mut self, PanicNext { attempts }: PanicNext, _: &mut Self::Context) {
        self.panics_left = attempts;
    }
}

impl Handler<Inspect> for Pool {
    type Result = PoolState;
    fn handle(&mut self, _: Inspect, _: &mut Self::Context) -> PoolState {
        PoolState {
            in_flight: self.flights.len(),
            unrecorded: self.recording.len(),
            open_breakers: self.lanes.open_breakers(self.deps.clock.real_now()),
            lost: self.lost,
        }
    }
}
