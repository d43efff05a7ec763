//! What travels with a job: whoever drops it without a word has lost the job, and the pool is told.
//!
//! That happens when a handler or a task panics, when an arbiter stops, and when a dead mailbox drops its queue.

use super::Pool;
use super::messages::{Finished, Lost, Planned, Recorded};
use crate::actors::supervisor::Supervised;
use crate::domain::Result;
use uuid::Uuid;

/// Stands for one attempt.
#[derive(Debug)]
pub struct Ticket {
    delivery: Uuid,
    pool: Supervised<Pool>,
    is_open: bool,
}

impl Ticket {
    /// Stands for an attempt of this delivery.
    pub fn new(delivery: Uuid, pool: Supervised<Pool>) -> Self {
        Self {
            delivery,
            pool,
            is_open: true,
        }
    }

    /// Reports the attempt.
    pub fn done(mut self, finished: Finished) {
        self.is_open = false;
        self.pool.poke(finished);
    }

    /// Gives it back: the job was never handed out.
    pub fn withdraw(mut self) {
        self.is_open = false;
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if self.is_open {
            self.pool.poke(Lost(self.delivery));
        }
    }
}

/// Stands for one pass.
#[derive(Debug)]
pub struct PassTicket(Option<Supervised<Pool>>);

impl PassTicket {
    /// Stands for a pass of this pool.
    pub fn new(pool: Supervised<Pool>) -> Self {
        Self(Some(pool))
    }

    /// Reports the pass.
    pub fn done(mut self, report: super::pass::Report) {
        if let Some(pool) = self.0.take() {
            pool.poke(Planned(Some(report)));
        }
    }
}

impl Drop for PassTicket {
    fn drop(&mut self) {
        if let Some(pool) = self.0.take() {
            pool.poke(Planned(None));
        }
    }
}

/// Stands for one recording.
#[derive(Debug)]
pub struct RecordTicket(Option<Supervised<Pool>>);

impl RecordTicket {
    /// Stands for a recording of this pool.
    pub fn new(pool: Supervised<Pool>) -> Self {
        Self(Some(pool))
    }

    /// Reports the recording.
    pub fn done(mut self, recorded: Result<usize>) {
        if let Some(pool) = self.0.take() {
            pool.poke(Recorded(Some(recorded)));
        }
    }
}

impl Drop for RecordTicket {
    fn drop(&mut self) {
        if let Some(pool) = self.0.take() {
            pool.poke(Recorded(None));
        }
    }
}
