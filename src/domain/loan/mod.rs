//! Admission by those who did not count: what a tenant's actor lends and what a gate does with it.
//!
//! The *account* owns a key's windows. It answers questions one by one, and as long as many calls are left it lends a few
//! to the gate that asked, so that the gate admits the next ones by itself. The *desk* is one gate's side: copies of keys,
//! what is left of loans, denials, and at most one question on its way. Both are exact over any order and loss of messages:
//!
//! 1. A loan is debited before it is given, and usable only in its minute: nobody admits more than the windows hold.
//! 2. A gate holds one loan of a key; with its next question it gives it back. What the account still lists as lent to
//!    that gate then never arrived, and is credited whole.
//! 3. Nothing is refused while a loan is out: it is recalled first. A gate that is recalled a loan it has not seen yet
//!    voids it, should it still arrive.
//! 4. What a gate owes is kept until the account has confirmed it; a loan that was ended once is not credited again.
//! 5. "Denied until" is handed out only when the window is truly used up, that is while nothing at all is lent.
//!
//! A gate that died or hangs takes what it held with it: those calls count as used.
//!
//! What is told of it all is in `tally`.

mod account;
mod desk;
#[cfg(test)]
mod model;
mod tally;
#[cfg(test)]
mod tests;

pub use account::{Account, Asker, Charge};
pub use desk::{Desk, Draw, Drawn, Handout};
pub use tally::Tallies;

use super::rate_limit::{Limits, Loan, Refused};
use super::time::Timestamp;
use std::net::IpAddr;
use uuid::Uuid;

/// Calls of a key that were admitted and not written down yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// How many.
    pub calls: i64,
    /// When the last was.
    pub last_used_at: Timestamp,
    /// Where the last came from.
    pub address: IpAddr,
}

impl Usage {
    /// Adds later calls to earlier ones.
    #[must_use]
    pub fn and(self, later: Self) -> Self {
        Self {
            calls: self.calls.saturating_add(later.calls),
            ..later
        }
    }
}

/// Until `until` every call that costs something is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Denial {
    /// How the refusal reads.
    pub refused: Refused,
    /// When the window that refuses ends.
    pub until: Timestamp,
}

/// What a gate gets for a key beside its copy.
#[derive(Clone, Debug)]
pub struct Terms {
    /// Calls it may admit.
    pub loan: Option<Loan>,
    /// Where those calls are counted, beside everybody else's.
    pub tallies: Option<Tallies>,
    /// The limits in force.
    pub limits: Limits,
    /// Refusals it may speak.
    pub denial: Option<Denial>,
}

/// The end of a loan, as the gate tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owed {
    /// The key.
    pub account: Uuid,
    /// The loan.
    pub number: u64,
    /// Calls that were not admitted; more than were lent means all of them.
    pub unused: u32,
    /// The calls that were.
    pub usage: Option<Usage>,
}

impl Owed {
    /// The end of a loan that its gate has not seen and will never use.
    pub const fn never_arrived(account: Uuid, number: u64) -> Self {
        Self {
            account,
            number,
            unused: u32::MAX,
            usage: None,
        }
    }
}
