//! Fixed windows: the clock minute and the UTC day.
//!
//! Both windows must have room and a refused call costs neither anything. Counts outlive a change of limits. Read on in
//! `lease`, which keeps the day count honest over a crash, and in `lending`, which lets others admit calls.

mod grant;
mod lease;
mod lending;
#[cfg(test)]
mod tests;

pub use grant::Grant;
pub use lease::{Durable, LEASE, MinuteCount, Reservation};
pub use lending::{LEND_FROM, LOAN_MAX, Loan};

use super::time::{DAY_MS, MINUTE_MS, Timestamp};

/// How many calls each window takes; `None` is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Calls per clock minute.
    pub per_minute: Option<u32>,
    /// Calls per UTC day.
    pub per_day: Option<u32>,
}

impl Limits {
    /// So many a minute and no daily limit.
    pub const fn per_minute(limit: u32) -> Self {
        Self {
            per_minute: Some(limit),
            per_day: None,
        }
    }
}

/// One window as the caller sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Calls it takes.
    pub limit: u32,
    /// Calls left.
    pub remaining: u32,
    /// When it ends and the next begins.
    pub reset_at: Timestamp,
}

/// What is left in each limited window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quota {
    /// The clock minute; `None` where it is not limited.
    pub minute: Option<Window>,
    /// The UTC day; `None` where it is not limited.
    pub day: Option<Window>,
}

/// Which window refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// The clock minute.
    Minute,
    /// The UTC day, also when the minute is full too.
    Day,
}

impl Which {
    /// The word for messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Day => "day",
        }
    }
}

/// A call that was not admitted and cost nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    /// What is left.
    pub quota: Quota,
    /// Whole seconds after which the same call passes if nobody else takes the room; at least 1.
    pub retry_after_s: u64,
    /// The window that ends last among the full ones.
    pub which: Which,
}

/// The counts of one key, person or address. `Clone` is what a supervisor keeps over a panic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Buckets {
    minute: Count,
    day: Count,
    /// The day count that is durable, and thus may be used up to; see `lease`.
    reserved: u32,
    /// Calls of the day that count as used because they are on loan; see `lending`.
    lent: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Count {
    start_at: Timestamp,
    used: u32,
}

impl Count {
    /// Opens the window `now` lies in; a `now` before the present window counts in the present one.
    fn roll(self, width_ms: i64, now: Timestamp) -> Self {
        let start_at = now.floor(width_ms);
        if start_at > self.start_at {
            Self { start_at, used: 0 }
        } else {
            self
        }
    }

    /// A call that costs nothing passes even when a lowered limit lies below the count.
    fn has_room(self, limit: Option<u32>, cost: u32) -> bool {
        cost == 0 || limit.is_none_or(|limit| self.used.saturating_add(cost) <= limit)
    }

    fn window(self, width_ms: i64, limit: Option<u32>) -> Option<Window> {
        limit.map(|limit| Window {
            limit,
            remaining: limit.saturating_sub(self.used),
            reset_at: Timestamp(self.start_at.0.saturating_add(width_ms)),
        })
    }
}

impl Buckets {
    /// Takes `cost` calls from both windows, or from none.
    pub fn take(&mut self, limits: &Limits, cost: u32, now: Timestamp) -> Result<Quota, Refused> {
        self.roll(now);
        let has_minute = self.minute.has_room(limits.per_minute, cost);
        let has_day = self.day.has_room(limits.per_day, cost);
        if has_minute && has_day {
            self.minute.used = self.minute.used.saturating_add(cost);
            self.day.used = self.day.used.saturating_add(cost);
            return Ok(self.quota(limits));
        }
        let (which, start_at, width_ms) = if has_day {
            (Which::Minute, self.minute.start_at, MINUTE_MS)
        } else {
            (Which::Day, self.day.start_at, DAY_MS)
        };
        Err(Refused {
            quota: self.quota(limits),
            retry_after_s: Timestamp(start_at.0.saturating_add(width_ms)).seconds_from(now).max(1),
            which,
        })
    }

    /// Tells what is left without taking anything.
    pub fn peek(&self, limits: &Limits, now: Timestamp) -> Quota {
        let mut seen = *self;
        seen.roll(now);
        seen.quota(limits)
    }

    /// Tells whether both windows have ended by `now`, so that forgetting the counts loses nothing.
    ///
    /// With no daily limit the day does not matter: pass the limits in force.
    pub fn is_over(&self, limits: &Limits, now: Timestamp) -> bool {
        let ended = |count: Count, width_ms| count.used == 0 || now.0 >= count.start_at.0.saturating_add(width_ms);
        ended(self.minute, MINUTE_MS) && (limits.per_day.is_none() || ended(self.day, DAY_MS))
    }

    /// When the minute and the day counted last began, and what each has used.
    pub(super) fn counts(&self) -> ((Timestamp, u32), (Timestamp, u32)) {
        let told = |count: Count| (count.start_at, count.used);
        (told(self.minute), told(self.day))
    }

    fn roll(&mut self, now: Timestamp) {
        self.minute = self.minute.roll(MINUTE_MS, now);
        let day = self.day.roll(DAY_MS, now);
        if day.start_at != self.day.start_at {
            self.reserved = 0;
            self.lent = 0;
        }
        self.day = day;
    }

    fn quota(&self, limits: &Limits) -> Quota {
        Quota {
            minute: self.minute.window(MINUTE_MS, limits.per_minute),
            day: self.day.window(DAY_MS, limits.per_day),
        }
    }
}
