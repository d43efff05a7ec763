//! The durable side of the day count.
//!
//! A row holds the count up to which calls *may* have been admitted. It runs ahead of the true count by at most `LEASE`
//! and is made durable before a call beyond it is admitted. So after `kill -9` the day's limit is never exceeded and at
//! most `LEASE` calls of it are lost; a clean stop writes the true count back and loses none. The running minute is written
//! down every few seconds and at a clean stop: a crash can reopen no more of it than was used since.
//!
//! Before each `take` of a key with a daily limit the owner asks `lease_needed`. If that names a reservation he stores it,
//! calls `leased`, and only then takes. `lease_ahead` names the next one a little early, so that storing overlaps serving.

use super::{Buckets, Count, Limits};
use crate::domain::time::{DAY_MS, Timestamp};

/// How many calls the durable count may run ahead.
pub const LEASE: u32 = 16;
/// With this many left, the next reservation is worth storing already.
const AHEAD: u32 = 4;

/// A day count to be made durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reservation {
    /// The UTC day, in days since the epoch.
    pub day: i64,
    /// Calls of that day that may have been admitted.
    pub reserved: u32,
}

/// Calls of a clock minute, as they are written down every few seconds and, exactly, at a clean stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MinuteCount {
    /// When the minute began.
    pub start_at: Timestamp,
    /// Calls made in it.
    pub calls: u32,
}

/// What is durable of a key's windows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Durable {
    /// Of the day.
    pub day: Option<Reservation>,
    /// Of the running minute.
    pub minute: Option<MinuteCount>,
}

impl Buckets {
    /// Starts from what is durable of both windows.
    pub fn resumed(durable: Durable) -> Self {
        let mut buckets = durable.day.map(Self::restored).unwrap_or_default();
        if let Some(MinuteCount { start_at, calls }) = durable.minute {
            buckets.minute = Count { start_at, used: calls };
        }
        buckets
    }

    /// Starts from the stored row, all of whose reserved calls count as made.
    pub fn restored(stored: Reservation) -> Self {
        let mut buckets = Self::default();
        buckets.day.start_at = Timestamp(stored.day.saturating_mul(DAY_MS));
        buckets.day.used = stored.reserved;
        buckets.reserved = stored.reserved;
        buckets
    }

    /// Names what must be durable before `cost` more calls are taken; `None` if they fit, or would be refused anyway.
    pub fn lease_needed(&self, limits: &Limits, cost: u32, now: Timestamp) -> Option<Reservation> {
        let seen = self.rolled(now);
        let limit = limits.per_day?;
        let wanted = seen.day.used.saturating_add(cost);
        if wanted <= seen.reserved || !seen.day.has_room(Some(limit), cost) || !seen.minute.has_room(limits.per_minute, cost) {
            return None;
        }
        Some(seen.reservation(limit, wanted))
    }

    /// Names what is worth making durable soon; `None` while enough of the lease is left or the day is used up.
    pub fn lease_ahead(&self, limits: &Limits, now: Timestamp) -> Option<Reservation> {
        let seen = self.rolled(now);
        let limit = limits.per_day?;
        if seen.day.used == 0 || seen.day.used.saturating_add(AHEAD) <= seen.reserved {
            return None;
        }
        let next = seen.reservation(limit, seen.day.used);
        (next.reserved > seen.reserved).then_some(next)
    }

    /// Takes note that a reservation is durable; one of another day, or a smaller one, changes nothing.
    pub fn leased(&mut self, stored: Reservation) {
        if stored.day >= self.day_number() {
            self.roll(Timestamp(stored.day.saturating_mul(DAY_MS)));
            self.reserved = self.reserved.max(stored.reserved);
        }
    }

    /// The true count, to be stored at a clean stop; `None` where the row says it already or nothing was reserved.
    pub fn settled(&self) -> Option<Reservation> {
        (self.reserved != self.day.used && self.reserved > 0).then(|| Reservation {
            day: self.day_number(),
            reserved: self.day.used,
        })
    }

    fn reservation(&self, limit: u32, wanted: u32) -> Reservation {
        Reservation {
            day: self.day_number(),
            // Of what is on loan nobody knows whether it was used: a crash would lose it too.
            reserved: (self.day.used - self.lent.min(self.day.used))
                .saturating_add(LEASE)
                .min(limit)
                .max(wanted),
        }
    }

    fn day_number(&self) -> i64 {
        self.day.start_at.0.div_euclid(DAY_MS)
    }

    fn rolled(&self, now: Timestamp) -> Self {
        let mut seen = *self;
        seen.roll(now);
        seen
    }
}
