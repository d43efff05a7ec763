//! A month of virtual time: events, subscribers, processes and what befalls them, all from one seed.

use super::audit::{Tally, audit};
use super::chance::Chance;
use super::ledger::{Ledger, Moment};
use super::node::{Flight, Process, Waiting};
use super::oracle::{DAY, HOUR};
use super::place::Place;
use fondaco::actors::delivery::attempt;
use fondaco::actors::delivery::lanes::{Breakers, Ended};
use fondaco::actors::delivery::pass::{self, Plan};
use fondaco::domain::{Event, Mode, Timestamp};
use fondaco::store::lease;
use fondaco::store::outbox::record;
use serde_json::json;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;
use uuid::Uuid;

/// Bytes of bodies that a pass may claim; as much as the pool allows.
const BYTES_MAX: usize = 48 * 1024 * 1024;
/// Events are made in the first twenty days, so that the longest schedule ends within the run.
const EVENTS_MS: i64 = 20 * DAY;
/// A run that is not over by then never ends.
const RUN_MAX_MS: i64 = 90 * DAY;

/// Something that happens at its moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Emit,
    Answer {
        process: usize,
        life: u32,
        delivery: Uuid,
    },
    Record {
        process: usize,
        life: u32,
    },
    Tick {
        process: usize,
    },
    Rise {
        process: usize,
    },
    /// The system's clock is set, forward or back.
    Jump(i64),
    /// The operator moves the server's clock on.
    Advance(i64),
    SwitchOff(usize),
    Delete(usize),
}

/// How often things go wrong, in thousandths of the chances they have.
#[derive(Clone, Copy, Debug)]
struct Faults {
    after_claim: u64,
    after_send: u64,
    before_record: u64,
    on_commit: u64,
    lost_poke: u64,
    /// A try outlives its lease: its process was frozen, or the machine slept.
    stall: u64,
}

/// One seed's world.
pub(super) struct World {
    place: Place,
    chance: Chance,
    faults: Faults,
    ledger: Ledger,
    processes: Vec<Process>,
    agenda: BinaryHeap<Reverse<(i64, u64, Step)>>,
    entries: u64,
    ran: i64,
    /// The system's clock is off by this much.
    off_by: i64,
    /// An error of the database ends the process that meets it.
    dies_of_errors: bool,
    crashes: u32,
    trace: u64,
}

impl World {
    pub(super) async fn new(seed: u64) -> Self {
        let mut chance = Chance::new(seed);
        let mut ledger = Ledger::default();
        let place = Place::furnish(&mut chance, &mut ledger).await;
        let quiet = chance.permille(150);
        let share = |chance: &mut Chance, most: i64| if quiet { 0 } else { chance.between(0, most).unsigned_abs() };
        let faults = Faults {
            after_claim: share(&mut chance, 30),
            after_send: share(&mut chance, 20),
            before_record: share(&mut chance, 20),
            on_commit: share(&mut chance, 40),
            lost_poke: share(&mut chance, 500),
            stall: share(&mut chance, 40),
        };
        let processes = if chance.permille(400) { 2 } else { 1 };
        let mut world = Self {
            processes: (0..processes).map(|n| Process::new(place.deps(n), 0)).collect(),
            place,
            faults,
            ledger,
            agenda: BinaryHeap::new(),
            entries: 0,
            ran: 0,
            off_by: 0,
            dies_of_errors: chance.permille(500),
            chance,
            crashes: 0,
            trace: seed,
        };
        world.draw_agenda(quiet);
        world
    }

    fn draw_agenda(&mut self, quiet: bool) {
        for _ in 0..self.chance.between(6, 16) {
            let at = self.chance.between(0, EVENTS_MS);
            self.plan(at, Step::Emit);
        }
        let endpoints = i64::try_from(self.place.endpoints.len()).unwrap();
        if self.chance.permille(300) {
            let (at, which) = (self.chance.between(0, EVENTS_MS), self.chance.between(0, endpoints - 1));
            let which = usize::try_from(which).unwrap();
            let step = if self.chance.permille(500) {
                Step::SwitchOff(which)
            } else {
                Step::Delete(which)
            };
            self.plan(at, step);
        }
        for _ in 0..if quiet { 0 } else { self.chance.between(0, 4) } {
            let at = self.chance.between(0, EVENTS_MS);
            let by = match self.chance.between(0, 3) {
                0 => -self.chance.between(1, 600_000),
                1 => self.chance.between(1, 120_000),
                2 => self.chance.between(1, 6 * HOUR),
                _ => self.chance.between(1, 3 * DAY),
            };
            let step = if by > 0 && self.chance.permille(300) {
                Step::Advance(by)
            } else {
                Step::Jump(by)
            };
            self.plan(at, step);
        }
    }

    fn plan(&mut self, at: i64, step: Step) {
        self.entries += 1;
        self.agenda.push(Reverse((at, self.entries, step)));
    }

    fn now(&self) -> Moment {
        Moment {
            ran: self.ran,
            real: self.place.clock.real_now().0,
            server: self.place.clock.now().0,
        }
    }

    /// Runs to the end; the error says which rule was broken.
    pub(super) async fn run(mut self) -> Result<Tally, String> {
        loop {
            self.wake().await;
            let Some(Reverse((at, _, step))) = self.agenda.pop() else {
                break;
            };
            self.ran = self.ran.max(at);
            self.place
                .clock
                .stand_at(Timestamp(super::place::START + self.ran + self.off_by));
            self.ledger.tick(self.now());
            self.follow(step);
            if self.ran > RUN_MAX_MS {
                return Err("what is due is still waiting long after the end".to_owned());
            }
            self.take(step)
                .await
                .map_err(|broken| format!("{broken} (on day {})", self.ran / DAY))?;
        }
        let tally = audit(&self.place.store, &self.ledger).await?;
        self.place.store.close().await;
        Ok(Tally {
            crashes: self.crashes,
            trace: self.trace,
            ..tally
        })
    }

    fn follow(&mut self, step: Step) {
        for byte in format!("{}{step:?}", self.ran).bytes() {
            self.trace = (self.trace ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        }
    }

    /// Lets the processes' timers go off when they would find something; in between they find nothing.
    async fn wake(&mut self) {
        let is_soon = |entry: &Reverse<(i64, u64, Step)>| matches!(entry.0.2, Step::Tick { .. });
        let next = self.agenda.iter().filter(|entry| is_soon(entry)).map(|entry| entry.0.0).min();
        let Some(work_at) = self.place.next_work(self.now()).await else {
            return;
        };
        // What is due already was left for want of room; a tick a second would only take longer.
        let at = if work_at <= self.ran { self.ran + 5_000 } else { work_at };
        if next.is_some_and(|next| next <= at + 1_000) {
            return;
        }
        for process in 0..self.processes.len() {
            let late = self.chance.between(0, 1_000);
            self.plan(at + late, Step::Tick { process });
        }
    }

    async fn take(&mut self, step: Step) -> Result<(), String> {
        match step {
            Step::Emit => self.emit().await,
            Step::Tick { process } => self.pass(process).await?,
            Step::Answer { process, life, delivery } => self.answer(process, life, delivery),
            Step::Record { process, life } => self.record(process, life).await?,
            Step::Rise { process } => self.rise(process).await,
            Step::Jump(by) => self.off_by += by,
            Step::Advance(by) => self.place.clock.advance_to(Timestamp(self.now().server + by)),
            Step::SwitchOff(which) => {
                let id = self.place.endpoints[which];
                if self.place.switch_off(id, None).await {
                    self.ledger.subscribers.get_mut(&id).unwrap().is_on = false;
                }
            }
            Step::Delete(which) => {
                let id = self.place.endpoints[which];
                if self.place.switch_off(id, Some(self.now().server)).await {
                    let subscriber = self.ledger.subscribers.get_mut(&id).unwrap();
                    (subscriber.is_on, subscriber.is_deleted) = (false, true);
                }
            }
        }
        Ok(())
    }

    async fn emit(&mut self) {
        self.arm();
        let now = self.place.clock.now();
        let tenant = self.chance.pick(&self.place.tenants);
        let count = if self.chance.permille(200) {
            self.chance.between(2, 8)
        } else {
            1
        };
        let events: Vec<Event> = (0..count)
            .map(|n| Event {
                id: self.place.ids.uuid(now),
                tenant,
                mode: Mode::Live,
                name: "product.created".to_owned(),
                view: "product".to_owned(),
                data: json!({ "id": n, "name": "Lamp", "price_minor": 1900, "currency": "USD" }),
                products: Vec::new(),
                created_at: now,
            })
            .collect();
        let ids: Vec<Uuid> = events.iter().map(|event| event.id).collect();
        let written = self.place.store.command(async move |tx| {
            events.iter().cloned().for_each(|event| tx.emit(event));
            Ok(())
        });
        match written.await {
            Ok(()) => self.ledger.committed.extend(ids),
            Err(_) => self.ledger.refused.extend(ids),
        }
        if !self.chance.permille(self.faults.lost_poke) {
            let process = usize::try_from(self.chance.next() % self.processes.len() as u64).unwrap();
            self.plan(self.ran, Step::Tick { process });
        }
    }

    /// Makes one of the next commits fail, now and then.
    fn arm(&mut self) {
        if self.chance.permille(self.faults.on_commit) {
            let n = self.chance.between(1, 3).unsigned_abs();
            self.place.store.faults().fail_commit_at(n);
        }
    }

    async fn pass(&mut self, which: usize) -> Result<(), String> {
        if !self.processes[which].is_up {
            return Ok(());
        }
        self.arm();
        let process = &self.processes[which];
        let plan = Plan {
            now: self.place.clock.now(),
            room: process.lanes.room(self.place.clock.real_now(), Breakers::Heeded),
            bytes_max: BYTES_MAX,
        };
        let report = pass::step(&process.deps, plan).await;
        let is_dead = (report.error.is_some() && self.dies_of_errors) || self.chance.permille(self.faults.after_claim);
        if is_dead {
            self.crash(which);
            return Ok(());
        }
        self.processes[which].left_behind = report.left_behind;
        let again = if report.error.is_some() {
            Some(100)
        } else {
            report.has_more.then_some(0)
        };
        if let Some(wait_ms) = again {
            self.plan(self.ran + wait_ms, Step::Tick { process: which });
        }
        for job in report.jobs {
            let id = job.delivery.id;
            // As the pool does: one try at a time, and the claim prolongs the one under way.
            if self.processes[which].holds(id) {
                if self.processes[which].is_trying(&job) {
                    self.ledger.renews(id, job.delivery.lease_until_at);
                }
                continue;
            }
            self.send(which, job)?;
        }
        if self.chance.permille(self.faults.after_send) {
            self.crash(which);
        }
        Ok(())
    }

    fn send(&mut self, which: usize, job: attempt::Job) -> Result<(), String> {
        let (now, started_at) = (self.now(), self.place.clock.now());
        let process = &mut self.processes[which];
        let outgoing = attempt::prepare(&process.deps, &job, started_at).map_err(str::to_owned)?;
        self.place.verify(&outgoing, job.endpoint.id, started_at)?;
        self.ledger.sends(&job, &outgoing, now)?;
        let subscriber = &self.ledger.subscribers[&job.endpoint.id];
        let reaction = subscriber
            .manner
            .react(&mut self.chance, self.ran, subscriber.rules.deadline_ms);
        let (id, answer) = (job.delivery.id, reaction.answer);
        let stalls = self.chance.permille(self.faults.stall);
        let takes_ms = reaction.takes_ms
            + if stalls {
                self.chance.between(lease::LEASE_MS, 5 * lease::LEASE_MS)
            } else {
                0
            };
        process.lanes.enter(job.endpoint.id, job.delivery.tenant);
        let life = process.life;
        process.flights.insert(
            id,
            Flight {
                job,
                started_at,
                reaction,
            },
        );
        self.ledger.reacts(id, answer);
        self.plan(
            self.ran + takes_ms,
            Step::Answer {
                process: which,
                life,
                delivery: id,
            },
        );
        Ok(())
    }

    fn answer(&mut self, which: usize, life: u32, delivery: Uuid) {
        let process = &mut self.processes[which];
        if process.life != life || !process.is_up {
            return;
        }
        let Some(flight) = process.flights.remove(&delivery) else {
            return;
        };
        let finished = attempt::conclude(&process.deps, &flight.job, flight.started_at, flight.reaction.sent);
        let answer = flight.reaction.answer;
        process.waiting.push(Waiting { finished, answer });
        if self.chance.permille(self.faults.before_record) {
            self.crash(which);
            return;
        }
        let wait_ms = self.chance.between(0, 40);
        self.plan(self.ran + wait_ms, Step::Record { process: which, life });
    }

    async fn record(&mut self, which: usize, life: u32) -> Result<(), String> {
        let process = &self.processes[which];
        if process.life != life || !process.is_up || process.waiting.is_empty() {
            return Ok(());
        }
        self.arm();
        let process = &self.processes[which];
        let made: Vec<_> = process.waiting.iter().map(|one| one.finished.made.clone()).collect();
        let owner = process.deps.node.owner();
        let recorded = record::attempts(&self.place.store, &owner, &process.deps.ids, Arc::new(made)).await;
        let count = match recorded {
            Ok(count) => count,
            Err(_) if self.dies_of_errors => {
                self.crash(which);
                return Ok(());
            }
            Err(_) => {
                self.plan(self.ran + 100, Step::Record { process: which, life });
                return Ok(());
            }
        };
        let real_now = self.place.clock.real_now();
        let batch = std::mem::take(&mut self.processes[which].waiting);
        let lanes = &mut self.processes[which].lanes;
        for Waiting { finished, .. } in &batch {
            let ended: Ended = finished.ended;
            lanes.leave(finished.made.endpoint, finished.tenant, ended, real_now);
        }
        let kept = self.place.kept(&batch, count).await;
        for made in batch.iter().map(|one| &one.finished.made) {
            let id = made.attempt.delivery;
            if !kept.contains(&made.attempt.id) && !self.processes.iter().any(|process| process.holds(id)) {
                self.ledger.forfeits(id, self.now())?;
            }
        }
        let batch: Vec<_> = batch.into_iter().map(|one| (one.finished.made, one.answer)).collect();
        let batch: Vec<_> = batch
            .into_iter()
            .filter(|(made, _)| kept.contains(&made.attempt.id))
            .collect();
        self.ledger.records(&batch, self.ran)?;
        if self.processes[which].left_behind {
            self.plan(self.ran, Step::Tick { process: which });
        }
        Ok(())
    }

    fn crash(&mut self, which: usize) {
        self.crashes += 1;
        for delivery in self.processes[which].die() {
            self.ledger.loses(delivery);
        }
        let down_ms = self.chance.between(100, 120_000);
        self.plan(self.ran + down_ms, Step::Rise { process: which });
    }

    /// A new life. Where it has the data to itself it frees what its last one held; else that runs out.
    async fn rise(&mut self, which: usize) {
        let life = self.processes[which].life + 1;
        self.processes[which] = Process::new(self.place.deps(which), life);
        let owner = self.processes[which].deps.node.owner();
        if self.processes.len() == 1 && self.place.is_sqlite() {
            while lease::release_others(&self.place.store, &owner).await.is_err() {}
        }
    }
}
