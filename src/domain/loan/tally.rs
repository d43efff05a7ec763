//! What callers are told is left: the limit less the calls that were truly made, whoever admitted them.
//!
//! The buckets count what is lent as used, which keeps admission exact and would make `Remaining` jump. So each window of a
//! key has one count of the calls made in it, shared by the account and, with every loan, by the gates: a call adds itself
//! and reads what it came to in one step, so that concurrent calls are told different numbers and none waits for another.
//! What a gate is lent, gives back or loses changes nothing here. A new window has a new count; who still holds a loan of
//! the old one goes on counting there.

use crate::domain::rate_limit::{Buckets, Limits, MinuteCount, Quota, Window};
use crate::domain::time::{DAY_MS, MINUTE_MS, Timestamp};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The calls made in one window.
#[derive(Debug)]
struct Tally {
    start_at: Timestamp,
    made: AtomicU64,
}

impl Tally {
    fn of((start_at, made): (Timestamp, u32)) -> Arc<Self> {
        Arc::new(Self {
            start_at,
            made: AtomicU64::new(made.into()),
        })
    }

    /// Adds `cost` calls and tells what is left after them.
    fn count(&self, cost: u32, limit: Option<u32>, width_ms: i64) -> Option<Window> {
        // Nothing else is read by what this says, so the order of the additions is all that counts.
        let before = self.made.fetch_add(cost.into(), Ordering::Relaxed);
        let limit = limit?;
        let left = u64::from(limit).saturating_sub(before.saturating_add(cost.into()));
        Some(Window {
            limit,
            remaining: u32::try_from(left).unwrap_or(limit),
            reset_at: Timestamp(self.start_at.0.saturating_add(width_ms)),
        })
    }
}

/// The counts of a key's two windows; a clone shares them.
#[derive(Clone, Debug)]
pub struct Tallies {
    minute: Arc<Tally>,
    day: Arc<Tally>,
}

impl Tallies {
    /// Starts from what the buckets have counted, of which nothing may be lent.
    pub fn of(buckets: &Buckets) -> Self {
        let (minute, day) = buckets.counts();
        Self {
            minute: Tally::of(minute),
            day: Tally::of(day),
        }
    }

    /// Begins anew those windows that the buckets have left behind.
    pub fn follow(&mut self, buckets: &Buckets) {
        let (minute, day) = buckets.counts();
        if self.minute.start_at != minute.0 {
            self.minute = Tally::of((minute.0, 0));
        }
        if self.day.start_at != day.0 {
            self.day = Tally::of((day.0, 0));
        }
    }

    /// The calls of the minute that `now` lies in; `None` where there were none.
    pub fn minute(&self, now: Timestamp) -> Option<MinuteCount> {
        let made = self.minute.made.load(Ordering::Relaxed);
        (made > 0 && self.minute.start_at == now.floor(MINUTE_MS)).then(|| MinuteCount {
            start_at: self.minute.start_at,
            calls: u32::try_from(made).unwrap_or(u32::MAX),
        })
    }

    /// Adds a call that was admitted and tells what is left after it; both windows are counted, limited or not, since
    /// limits change and counts stay.
    pub fn count(&self, limits: &Limits, cost: u32) -> Quota {
        Quota {
            minute: self.minute.count(cost, limits.per_minute, MINUTE_MS),
            day: self.day.count(cost, limits.per_day, DAY_MS),
        }
    }
}
