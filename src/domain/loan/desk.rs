//! One gate's side of one tenant: what it may decide by itself, and what it owes.

use super::{Owed, Terms, Usage};
use crate::domain::api_key::Digest;
use crate::domain::rate_limit::{Loan, Quota, Refused};
use crate::domain::time::Timestamp;
use std::collections::HashMap;
use std::net::IpAddr;
use uuid::Uuid;

/// A call that the gate would like to decide by itself.
#[derive(Clone, Copy, Debug)]
pub struct Draw {
    /// Calls it costs.
    pub cost: u32,
    /// The call's moment.
    pub now: Timestamp,
    /// Where it comes from.
    pub address: IpAddr,
}

/// What the gate decided by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drawn {
    /// Charged to a loan; this is left.
    Taken(Quota),
    /// The window is used up.
    Refused(Refused),
}

/// What the account's owner answers for one key.
#[derive(Clone, Debug)]
pub struct Handout<C> {
    /// What the key is looked up by.
    pub digest: Digest,
    /// The key.
    pub account: Uuid,
    /// The copy of its row.
    pub copy: C,
    /// What may be done by itself.
    pub terms: Terms,
}

#[derive(Debug)]
struct Held<C> {
    grant: Handout<C>,
    left: u32,
    usage: Option<Usage>,
}

/// The one question on its way.
#[derive(Debug)]
struct Flight {
    number: u64,
    owed: Vec<Owed>,
    /// Keys changed meanwhile: what it brings may be old.
    is_stale: bool,
    /// Keys whose loan was recalled before it arrived.
    recalled: Vec<Uuid>,
}

/// One gate's memory of one tenant; `C` is the copy of a key's row.
#[derive(Debug)]
pub struct Desk<C> {
    held: HashMap<Digest, Held<C>>,
    flight: Option<Flight>,
    owed: Vec<Owed>,
}

impl<C> Default for Desk<C> {
    fn default() -> Self {
        Self {
            held: HashMap::new(),
            flight: None,
            owed: Vec::new(),
        }
    }
}

impl<C> Desk<C> {
    /// The copy of a key's row; whether it is fresh is the caller's to judge.
    pub fn copy(&self, digest: &Digest) -> Option<&C> {
        self.held.get(digest).map(|held| &held.grant.copy)
    }

    /// Charges a call to a loan or refuses it; `None` means that the owner must be asked.
    pub fn draw(&mut self, digest: &Digest, call: Draw) -> Option<Drawn> {
        let held = self.held.get_mut(digest)?;
        if let Some(denial) = held
            .grant
            .terms
            .denial
            .filter(|denial| call.cost > 0 && call.now < denial.until)
        {
            let retry_after_s = denial.until.seconds_from(call.now).max(1);
            return Some(Drawn::Refused(Refused {
                retry_after_s,
                ..denial.refused
            }));
        }
        let terms = &held.grant.terms;
        let (loan, tallies) = (terms.loan?, terms.tallies.as_ref()?);
        if call.now >= loan.until() || held.left < call.cost {
            return None;
        }
        held.left -= call.cost;
        let usage = Usage {
            calls: 1,
            last_used_at: call.now,
            address: call.address,
        };
        held.usage = Some(held.usage.map_or(usage, |seen| seen.and(usage)));
        Some(Drawn::Taken(tallies.count(&terms.limits, call.cost)))
    }

    /// Whether a question is on its way.
    pub fn is_flying(&self) -> bool {
        self.flight.is_some()
    }

    /// Starts question `number` about these keys, and tells what goes with it: all that is owed, their loans included.
    pub fn depart<'a>(&mut self, number: u64, digests: impl Iterator<Item = &'a Digest>) -> Vec<Owed> {
        for digest in digests {
            if let Some(held) = self.held.get_mut(digest) {
                self.owed.extend(held.give_back());
                held.grant.terms.denial = None;
            }
        }
        self.flight = Some(Flight {
            number,
            owed: self.owed.clone(),
            is_stale: false,
            recalled: Vec::new(),
        });
        self.owed.clone()
    }

    /// Takes the answer to question `number`, or learns that there will be none.
    pub fn arrive(&mut self, number: u64, answer: Option<Vec<Handout<C>>>) {
        let (Some(flight), Some(grants)) = (self.flight.take_if(|flight| flight.number == number), answer) else {
            return;
        };
        self.confirm(&flight.owed);
        for grant in grants {
            let left = grant.terms.loan.map_or(0, |loan| loan.permits);
            let is_void = flight.is_stale || flight.recalled.contains(&grant.account);
            let digest = grant.digest;
            let mut held = Held {
                grant,
                left,
                usage: None,
            };
            if is_void {
                self.owed.extend(held.give_back());
            } else if let Some(mut before) = self.held.insert(digest, held) {
                self.owed.extend(before.give_back());
            }
        }
    }

    /// Drops the copy of one key, or of all, and whatever is on its way; tells what is owed for it.
    pub fn forget(&mut self, digest: Option<&Digest>) -> Vec<Owed> {
        if let Some(flight) = &mut self.flight {
            flight.is_stale = true;
        }
        let dropped: Vec<Held<C>> = match digest {
            Some(digest) => self.held.remove(digest).into_iter().collect(),
            None => self.held.drain().map(|(_, held)| held).collect(),
        };
        let owed: Vec<Owed> = dropped.into_iter().filter_map(|mut held| held.give_back()).collect();
        self.owed.extend(&owed);
        owed
    }

    /// Gives back one loan. One that is not here and not owed has not arrived: it never will be used.
    pub fn recall(&mut self, account: Uuid, number: u64) -> Owed {
        let is_it = |loan: &Loan| loan.number == number;
        let mut held = self.held.values_mut().filter(|held| held.grant.account == account);
        if let Some(held) = held.find(|held| held.grant.terms.loan.as_ref().is_some_and(is_it))
            && let Some(owed) = held.give_back()
        {
            self.owed.push(owed);
            return owed;
        }
        let known = self.owed.iter().find(|owed| owed.account == account && owed.number == number);
        if let Some(owed) = known {
            return *owed;
        }
        if let Some(flight) = self.flight.as_mut().filter(|flight| flight.number == number) {
            flight.recalled.push(account);
        }
        Owed::never_arrived(account, number)
    }

    /// Lets go of copies that are no longer fresh and of loans whose minute has ended; what they leave is owed.
    pub fn sweep(&mut self, now: Timestamp, is_fresh: impl Fn(&C) -> bool) {
        let owed = &mut self.owed;
        self.held.retain(|_, held| {
            let is_kept = is_fresh(&held.grant.copy);
            let is_ended = held.grant.terms.loan.is_some_and(|loan| now >= loan.until());
            if !is_kept || is_ended {
                owed.extend(held.give_back());
            }
            is_kept
        });
    }

    /// What is owed and not confirmed.
    pub fn owed(&self) -> &[Owed] {
        &self.owed
    }

    /// Notes that the owner has these.
    pub fn confirm(&mut self, settled: &[Owed]) {
        let is_settled = |owed: &Owed| {
            settled
                .iter()
                .any(|other| (other.account, other.number) == (owed.account, owed.number))
        };
        self.owed.retain(|owed| !is_settled(owed));
    }

    /// Copies held.
    pub fn copies(&self) -> usize {
        self.held.len()
    }

    /// Whether there is nothing to remember.
    pub fn is_empty(&self) -> bool {
        self.held.is_empty() && self.flight.is_none() && self.owed.is_empty()
    }
}

impl<C> Held<C> {
    fn give_back(&mut self) -> Option<Owed> {
        let loan = self.grant.terms.loan.take()?;
        Some(Owed {
            account: self.grant.account,
            number: loan.number,
            unused: std::mem::take(&mut self.left),
            usage: self.usage.take(),
        })
    }
}
