//! What a simulated process does, by the server's own code: passes, tries, records; and how it dies and rises.

use super::node::{Flight, Process, Waiting};
use super::world::{Step, World};
use fondaco::actors::delivery::attempt;
use fondaco::actors::delivery::lanes::{Breakers, Ended};
use fondaco::actors::delivery::pass::{self, Plan, Scope};
use fondaco::store::lease;
use fondaco::store::outbox::record;
use std::sync::Arc;
use uuid::Uuid;

/// Bytes of bodies that a pass may claim; as much as the pool allows.
const BYTES_MAX: usize = 48 * 1024 * 1024;

impl World {
    pub(super) async fn pass(&mut self, which: usize, scope: Scope) -> Result<(), String> {
        if !self.processes[which].is_up {
            return Ok(());
        }
        self.arm();
        if scope == Scope::All {
            self.processes[which].left_behind = false;
        }
        let process = &self.processes[which];
        let plan = Plan {
            scope,
            now: self.place.clock.now(),
            room: process.lanes.room(self.place.clock.real_now(), Breakers::Heeded),
            bytes_max: BYTES_MAX,
        };
        let report = pass::step(&process.deps, &process.memory, plan).await;
        let is_dead = (report.error.is_some() && self.dies_of_errors) || self.chance.permille(self.faults.after_claim);
        if is_dead {
            self.crash(which);
            return Ok(());
        }
        self.processes[which].left_behind |= report.left_behind || report.has_deferred;
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

    pub(super) fn answer(&mut self, which: usize, life: u32, delivery: Uuid) {
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

    pub(super) async fn record(&mut self, which: usize, life: u32) -> Result<(), String> {
        let process = &self.processes[which];
        if process.life != life || !process.is_up || process.waiting.is_empty() {
            return Ok(());
        }
        self.arm();
        let process = &self.processes[which];
        let made: Vec<_> = process
            .waiting
            .iter()
            .map(|one| Arc::new(one.finished.made.clone()))
            .collect();
        let owner = process.deps.node.owner();
        let recorded = record::attempts(&self.place.store, &owner, &process.deps.ids, made).await;
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
            lanes.leave(finished.made.endpoint, finished.tenant, Some(ended), real_now);
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

    pub(super) fn crash(&mut self, which: usize) {
        self.crashes += 1;
        for delivery in self.processes[which].die() {
            self.ledger.loses(delivery);
        }
        let down_ms = self.chance.between(100, 120_000);
        self.plan(self.ran + down_ms, Step::Rise { process: which });
    }

    /// A new life. Where it has the data to itself it frees what its last one held; else that runs out.
    pub(super) async fn rise(&mut self, which: usize) {
        let life = self.processes[which].life + 1;
        self.processes[which] = Process::new(self.place.deps(which), life);
        let owner = self.processes[which].deps.node.owner();
        if self.processes.len() == 1 && self.place.is_sqlite() {
            while lease::release_others(&self.place.store, &owner).await.is_err() {}
        }
    }
}
