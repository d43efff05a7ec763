//! Calls lent to somebody who then admits them by himself.
//!
//! A loan is taken from both windows when it is made, so whoever holds it can admit nothing that the windows do not hold.
//! What comes back unused is credited to the windows that are still the same: an ended minute is over, its day may not be.

use super::lease::LEASE;
use super::{Buckets, Limits};
use crate::domain::time::{MINUTE_MS, Timestamp};

/// With fewer calls left than this nothing is lent, so that the last ones are counted one by one.
pub const LEND_FROM: u32 = 64;
/// The largest loan: what one gate can keep from the others is small beside what is left.
pub const LOAN_MAX: u32 = 16;
/// Calls of one key on loan at most where a day is limited. A crash may lose them together with what the durable count
/// runs ahead; both are bounded by the lease.
const DAY_LENT_MAX: u32 = LEASE / 2;

/// Calls of one key that its holder may admit until the minute ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loan {
    /// The number of the question it answered; no two loans of a key have the same.
    pub number: u64,
    /// How many calls.
    pub permits: u32,
    /// Start of the minute they were taken from.
    pub minute_at: Timestamp,
    /// Start of the day they were taken from.
    pub day_at: Timestamp,
}

impl Loan {
    /// The moment from which it is worth nothing.
    pub const fn until(&self) -> Timestamp {
        Timestamp(self.minute_at.0.saturating_add(MINUTE_MS))
    }
}

impl Buckets {
    /// Lends at most `wanted` calls to one of `holders`: a small share, and nothing where few are left. The windows are
    /// those of the last `take`.
    pub fn lend(&mut self, limits: &Limits, number: u64, wanted: u32, holders: u32) -> Option<Loan> {
        let room = self.room(limits);
        if room < LEND_FROM {
            return None;
        }
        let share = room / holders.saturating_mul(4).max(1);
        let mut permits = wanted.min(share).min(LOAN_MAX);
        if limits.per_day.is_some() {
            // Only what is durable already, so that a loan waits for nothing.
            let durable = self.reserved.saturating_sub(self.day.used);
            permits = permits.min(durable).min(DAY_LENT_MAX.saturating_sub(self.lent));
        }
        if permits == 0 {
            return None;
        }
        self.minute.used = self.minute.used.saturating_add(permits);
        self.day.used = self.day.used.saturating_add(permits);
        self.lent = self.lent.saturating_add(permits);
        Some(Loan {
            number,
            permits,
            minute_at: self.minute.start_at,
            day_at: self.day.start_at,
        })
    }

    /// Ends a loan and credits what was not used of it.
    pub fn credit(&mut self, loan: &Loan, unused: u32) {
        let unused = unused.min(loan.permits);
        if self.minute.start_at == loan.minute_at {
            self.minute.used = self.minute.used.saturating_sub(unused);
        }
        if self.day.start_at == loan.day_at {
            self.day.used = self.day.used.saturating_sub(unused);
            self.lent = self.lent.saturating_sub(loan.permits);
        }
    }

    /// Tells whether what comes back of a loan can still make room.
    pub fn is_open(&self, limits: &Limits, loan: &Loan) -> bool {
        self.minute.start_at == loan.minute_at || (limits.per_day.is_some() && self.day.start_at == loan.day_at)
    }

    /// Calls left in the narrower window.
    fn room(&self, limits: &Limits) -> u32 {
        let minute = limits.per_minute.map(|limit| limit.saturating_sub(self.minute.used));
        let day = limits.per_day.map(|limit| limit.saturating_sub(self.day.used));
        minute.unwrap_or(u32::MAX).min(day.unwrap_or(u32::MAX))
    }
}
