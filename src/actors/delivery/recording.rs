//! Attempts that were made but are not recorded yet. While one batch commits the next gathers; nothing lingers.

use super::lanes::{Ended, Lanes};
use super::messages::{Finished, Recorded};
use super::ticket::RecordTicket;
use super::{PAUSE, Pool};
use crate::domain::delivery::Decision;
use crate::domain::{Kind, Timestamp};
use crate::store::outbox::record::{self, Made};
use crate::telemetry::series;
use actix::{AsyncContext, Context, Handler};
use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use uuid::Uuid;

/// Attempts of one command: a fourth of what a tenant may have in flight, so that others are on their way while one batch
/// commits and those that take its places are written.
const BATCH_MAX: usize = 64;

/// One attempt on its way into the tables.
struct Entry {
    made: Arc<Made>,
    /// Its place in a lane; none where another pool handed it out.
    lane: Option<Held>,
    /// What the receiver said was cut away, because the database refused it.
    is_bare: bool,
}

/// A place in a lane.
#[derive(Clone, Copy)]
struct Held {
    tenant: Uuid,
    /// How the attempt ended, until the lane has heard it.
    ended: Option<Ended>,
}

/// What waits and what is being written.
#[derive(Default)]
pub(super) struct Recording {
    waiting: VecDeque<Entry>,
    under_way: Vec<Entry>,
    /// The deliveries of both.
    deliveries: HashSet<Uuid>,
    /// One by one, after a batch was refused: one of its rows is at fault.
    is_singly: bool,
}

impl Recording {
    pub(super) fn len(&self) -> usize {
        self.waiting.len() + self.under_way.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether an attempt at this delivery waits here.
    pub(super) fn holds(&self, delivery: Uuid) -> bool {
        self.deliveries.contains(&delivery)
    }

    pub(super) fn add(&mut self, finished: Finished, holds_lane: bool) {
        self.deliveries.insert(finished.made.attempt.delivery);
        self.waiting.push_back(Entry {
            lane: holds_lane.then_some(Held {
                tenant: finished.tenant,
                ended: Some(finished.ended),
            }),
            made: Arc::new(finished.made),
            is_bare: false,
        });
    }

    /// Takes the next batch unless one is being written.
    fn next(&mut self) -> Option<Vec<Arc<Made>>> {
        if !self.under_way.is_empty() || self.waiting.is_empty() {
            return None;
        }
        let size = if self.is_singly {
            1
        } else {
            BATCH_MAX.min(self.waiting.len())
        };
        self.under_way = self.waiting.drain(..size).collect();
        Some(self.under_way.iter().map(|entry| Arc::clone(&entry.made)).collect())
    }

    /// The batch that is being written gives its places up: whatever is claimed for them is claimed by a command that comes
    /// after this one, so that what is sent and not recorded is never more than the lanes hold.
    fn free_places(&mut self, lanes: &mut Lanes, real_now: Timestamp) {
        for entry in &mut self.under_way {
            if let Some(held) = &mut entry.lane {
                lanes.leave(entry.made.endpoint, held.tenant, held.ended.take(), real_now);
            }
        }
    }

    /// The batch was not written: it waits on, and holds its places again.
    fn put_back(&mut self, lanes: &mut Lanes) {
        for entry in self.under_way.drain(..).rev() {
            if let Some(held) = entry.lane {
                lanes.enter(entry.made.endpoint, held.tenant);
            }
            self.waiting.push_front(entry);
        }
    }

    /// Deals with a batch that the database refuses for what it holds.
    fn refused(&mut self, lanes: &mut Lanes) {
        if self.under_way.len() > 1 {
            self.is_singly = true;
        } else if let Some(entry) = self.under_way.first_mut() {
            if entry.is_bare {
                // Its lease ends and it is tried again; going on for ever would stop all others.
                tracing::error!(delivery.id = %entry.made.attempt.delivery, "an attempt cannot be recorded");
                return;
            }
            entry.is_bare = true;
            let made = Arc::make_mut(&mut entry.made);
            made.attempt.response_body = None;
            made.attempt.response_headers = None;
            made.attempt.error = None;
        }
        self.put_back(lanes);
    }
}

impl Pool {
    /// Writes the next batch unless one is being written.
    pub(super) fn record(&mut self) {
        let Some(batch) = self.recording.next() else { return };
        let (deps, ticket) = (Arc::clone(&self.deps), RecordTicket::new(self.myself.clone()));
        actix_rt::spawn(async move {
            let recorded = record::attempts(&deps.store, &deps.node.owner(), &deps.ids, batch).await;
            ticket.done(recorded);
        });
        self.recording.free_places(&mut self.lanes, self.deps.clock.real_now());
        // Room was made for what was left.
        if self.left_behind || self.has_deferred {
            self.plan();
        }
    }

    fn recorded(&mut self) {
        for entry in std::mem::take(&mut self.recording.under_way) {
            count(&entry.made);
            self.recording.deliveries.remove(&entry.made.attempt.delivery);
        }
        if self.recording.waiting.is_empty() {
            self.recording.is_singly = false;
        }
        let is_quiet = self.flights.is_empty() && self.recording.is_empty();
        self.record();
        // An endpoint that was switched off has emitted an event.
        if is_quiet && (self.left_behind || self.has_deferred || !self.settlers.is_empty()) {
            self.plan();
        }
        self.tell_whoever_waits(false);
    }
}

impl Handler<Recorded> for Pool {
    type Result = ();

    fn handle(&mut self, Recorded(recorded): Recorded, ctx: &mut Context<Self>) {
        match recorded {
            Some(Ok(_)) => self.recorded(),
            Some(Err(error)) if error.kind() != Kind::Unavailable => {
                tracing::error!(%error, source = ?error.source(), "attempts were refused by the database");
                self.recording.refused(&mut self.lanes);
                if self.recording.under_way.is_empty() {
                    self.record();
                } else {
                    self.recorded();
                }
            }
            Some(Err(_)) | None => {
                tracing::warn!(attempts = self.recording.len(), "attempts not recorded yet");
                self.recording.put_back(&mut self.lanes);
                ctx.run_later(PAUSE, |pool, _| pool.record());
            }
        }
    }
}

/// Counts an attempt by what became of it.
pub(super) fn count(made: &Made) {
    let outcome = match made.decision {
        Decision::Delivered => series::Outcome::Delivered,
        Decision::RetryAt(_) => series::Outcome::Retried,
        Decision::Exhausted => series::Outcome::Failed,
        Decision::Disabled410 => series::Outcome::Disabled,
    };
    series::delivery(outcome);
}
