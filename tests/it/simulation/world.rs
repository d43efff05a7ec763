//! A month of virtual time: events, subscribers, processes and what befalls them, all from one seed.

use super::audit::{Tally, audit};
use super::chance::Chance;
use super::ledger::{Ledger, Moment};
use super::node::Process;
use super::oracle::{DAY, HOUR};
use super::place::Place;
use fondaco::actors::delivery::pass::Scope;
use fondaco::domain::{Event, Mode, Timestamp};
use serde_json::json;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use uuid::Uuid;

/// Events are made in the first twenty days, so that the longest schedule ends within the run.
const EVENTS_MS: i64 = 20 * DAY;
/// A run that is not over by then never ends.
const RUN_MAX_MS: i64 = 90 * DAY;

/// Something that happens at its moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
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
    /// A process is told of events that were committed, or finds what it was told of and had no room for.
    Told {
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
pub(super) struct Faults {
    pub(super) after_claim: u64,
    pub(super) after_send: u64,
    pub(super) before_record: u64,
    pub(super) on_commit: u64,
    lost_poke: u64,
    /// A try outlives its lease: its process was frozen, or the machine slept.
    pub(super) stall: u64,
}

/// One seed's world.
pub(super) struct World {
    pub(super) place: Place,
    pub(super) chance: Chance,
    pub(super) faults: Faults,
    pub(super) ledger: Ledger,
    pub(super) processes: Vec<Process>,
    agenda: BinaryHeap<Reverse<(i64, u64, Step)>>,
    entries: u64,
    pub(super) ran: i64,
    /// The system's clock is off by this much.
    off_by: i64,
    /// An error of the database ends the process that meets it.
    pub(super) dies_of_errors: bool,
    pub(super) crashes: u32,
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

    pub(super) fn plan(&mut self, at: i64, step: Step) {
        self.entries += 1;
        self.agenda.push(Reverse((at, self.entries, step)));
    }

    pub(super) fn now(&self) -> Moment {
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
            Step::Tick { process } => self.pass(process, Scope::All).await?,
            Step::Told { process } => self.pass(process, Scope::Told).await?,
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
        let told = events.clone();
        let written = self.place.store.command(async move |tx| {
            events.iter().cloned().for_each(|event| tx.emit(event));
            Ok(())
        });
        let process = usize::try_from(self.chance.next() % self.processes.len() as u64).unwrap();
        match written.await {
            Ok(()) => {
                self.ledger.committed.extend(ids);
                // Now and then the word comes too late: another pass has found them in the table, or the process has died.
                if !self.chance.permille(100) {
                    self.processes[process].memory.tell(told, self.place.clock.real_now());
                }
            }
            Err(_) => self.ledger.refused.extend(ids),
        }
        if !self.chance.permille(self.faults.lost_poke) {
            let tick = Step::Tick { process };
            let step = if self.chance.permille(700) {
                Step::Told { process }
            } else {
                tick
            };
            self.plan(self.ran, step);
        }
    }

    /// Makes one of the next commits fail, now and then.
    pub(super) fn arm(&mut self) {
        if self.chance.permille(self.faults.on_commit) {
            let n = self.chance.between(1, 3).unsigned_abs();
            self.place.store.faults().fail_commit_at(n);
        }
    }
}
