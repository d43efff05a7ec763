//! One simulated process: what it has in flight, and what dies with it.

use super::network::Reaction;
use super::oracle::Answer;
use fondaco::actors::Deps;
use fondaco::actors::delivery::attempt::{Begun, Job};
use fondaco::actors::delivery::lanes::Lanes;
use fondaco::actors::delivery::memory::Memory;
use fondaco::actors::delivery::messages::Finished;
use std::collections::BTreeMap;
use uuid::Uuid;

/// One request under way.
pub(super) struct Flight {
    pub(super) job: Job,
    pub(super) begun: Begun,
    pub(super) reaction: Reaction,
}

/// An attempt that was made and waits for its record.
pub(super) struct Waiting {
    pub(super) finished: Finished,
    pub(super) answer: Answer,
}

/// A process that may die at any time; the tables are all that stays.
pub(super) struct Process {
    pub(super) deps: Deps,
    /// Counts its lives: what was meant for an earlier one finds nobody.
    pub(super) life: u32,
    pub(super) is_up: bool,
    pub(super) lanes: Lanes,
    pub(super) memory: Memory,
    pub(super) flights: BTreeMap<Uuid, Flight>,
    pub(super) waiting: Vec<Waiting>,
    pub(super) left_behind: bool,
}

impl Process {
    pub(super) fn new(deps: Deps, life: u32) -> Self {
        Self {
            deps,
            life,
            is_up: true,
            lanes: Lanes::default(),
            memory: Memory::default(),
            flights: BTreeMap::new(),
            waiting: Vec::new(),
            left_behind: false,
        }
    }

    /// The deliveries it is trying or has yet to record.
    pub(super) fn holds(&self, delivery: Uuid) -> bool {
        let waits = |one: &Waiting| one.finished.made.attempt.delivery == delivery;
        self.flights.contains_key(&delivery) || self.waiting.iter().any(waits)
    }

    /// Whether that very try is under way, rather than an earlier one that outlived its claim.
    pub(super) fn is_trying(&self, job: &Job) -> bool {
        let waits = |one: &Waiting| {
            let attempt = &one.finished.made.attempt;
            attempt.delivery == job.delivery.id && u32::try_from(attempt.number) == Ok(job.number())
        };
        let flies = |flight: &Flight| flight.job.number() == job.number();
        self.flights.get(&job.delivery.id).is_some_and(flies) || self.waiting.iter().any(waits)
    }

    /// Dies with all that it had in memory; tells what that was.
    pub(super) fn die(&mut self) -> Vec<Uuid> {
        self.is_up = false;
        self.left_behind = false;
        self.lanes = Lanes::default();
        self.memory = Memory::default();
        let unrecorded = self.waiting.drain(..).map(|one| one.finished.made.attempt.delivery);
        let lost: Vec<Uuid> = unrecorded.chain(self.flights.keys().copied()).collect();
        self.flights.clear();
        lost
    }
}
