//! What outlives a tenant actor: its keeper on the same arbiter holds it and hands it to the next one.

use crate::actors::gate::COPY_AGE;
use crate::actors::gate::messages::GateRef;
use crate::domain::Timestamp;
use crate::domain::loan::{Account, Owed, Usage};
use crate::domain::rate_limit::{Durable, Limits, MinuteCount, Reservation};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use tokio::time::Instant;
use uuid::Uuid;

/// Shared by one keeper and one tenant actor, both on one thread; never borrowed over an await.
pub type Shared = Rc<RefCell<Kept>>;

/// A gate that has asked.
#[derive(Debug)]
struct Known {
    gate: Arc<GateRef>,
    /// When it was last given a copy.
    given_at: Option<Instant>,
}

/// One tenant's counts, which neither a panic nor an eviction may reopen.
#[derive(Debug)]
pub struct Kept {
    accounts: HashMap<Uuid, Account>,
    /// The gates that may hold copies or loans.
    gates: HashMap<u64, Known>,
    usage: HashMap<Uuid, Usage>,
    handling: Option<u64>,
    deadly: Option<u64>,
    is_closed: bool,
    touched_at: Instant,
}

impl Kept {
    /// Starts with empty buckets.
    pub fn new(now: Instant) -> Self {
        Self {
            accounts: HashMap::new(),
            gates: HashMap::new(),
            usage: HashMap::new(),
            handling: None,
            deadly: None,
            is_closed: false,
            touched_at: now,
        }
    }

    /// Notes that call `number` is worked on; false for the call that killed the last actor, and after `close`.
    pub fn begin(&mut self, number: u64) -> bool {
        // Set still means that the actor died before it said `end`.
        if let Some(deadly) = self.handling.take() {
            self.deadly = Some(deadly);
        }
        if self.is_closed || self.deadly == Some(number) {
            return false;
        }
        self.handling = Some(number);
        self.touched_at = Instant::now();
        true
    }

    /// Notes that the tenant is in use.
    pub fn touch(&mut self, now: Instant) {
        self.touched_at = now;
    }

    /// When the tenant was last in use, on the monotonic clock.
    pub fn touched_at(&self) -> Instant {
        self.touched_at
    }

    /// Notes that it is done.
    pub fn end(&mut self) {
        self.handling = None;
    }

    /// The account of a key; one seen for the first time starts from what is durable.
    pub fn account(&mut self, key: Uuid, limits: Limits, durable: Durable) -> &mut Account {
        let account = self.accounts.entry(key).or_insert_with(|| Account::new(limits, durable));
        account.set_limits(limits);
        account
    }

    /// The account of a key that was seen before.
    pub fn known_account(&mut self, key: Uuid) -> Option<&mut Account> {
        self.accounts.get_mut(&key)
    }

    /// Notes that a gate has asked.
    pub fn know(&mut self, gate: &Arc<GateRef>) {
        self.gates.entry(gate.id).or_insert_with(|| Known {
            gate: Arc::clone(gate),
            given_at: None,
        });
    }

    /// Notes that a gate was given a copy.
    pub fn gave(&mut self, gate: u64, now: Instant) {
        if let Some(known) = self.gates.get_mut(&gate) {
            known.given_at = Some(now);
        }
    }

    /// The gates that may hold fresh copies, each with when the last of them will be too old.
    pub fn holders(&self, now: Instant) -> Vec<(Arc<GateRef>, Instant)> {
        let until = |known: &Known| known.given_at.map(|at| at + COPY_AGE).filter(|until| now < *until);
        let holders = self.gates.values();
        holders
            .filter_map(|known| Some((Arc::clone(&known.gate), until(known)?)))
            .collect()
    }

    /// The loans of a key: whose, where he is asked, which.
    pub fn lent(&self, key: Uuid) -> Vec<(u64, Option<Arc<GateRef>>, u64)> {
        let lent = self.accounts.get(&key).into_iter().flat_map(Account::lent);
        let known = |id| self.gates.get(&id).map(|known| Arc::clone(&known.gate));
        lent.map(|(gate, number)| (gate, known(gate), number)).collect()
    }

    /// Ends loans, and counts what was used of them.
    pub fn settle(&mut self, gate: u64, owed: &[Owed]) {
        for owed in owed {
            let is_settled = self
                .accounts
                .get_mut(&owed.account)
                .is_some_and(|account| account.settle(gate, owed));
            if let (true, Some(usage)) = (is_settled, owed.usage) {
                self.count_use(owed.account, usage);
            }
        }
    }

    /// Notes that a gate does not answer for a key.
    pub fn give_up(&mut self, key: Uuid, gate: u64) {
        if let Some(account) = self.accounts.get_mut(&key) {
            account.give_up(gate);
        }
    }

    /// Notes that more of a key's day is durable.
    pub fn leased(&mut self, key: Uuid, reservation: Reservation) {
        if let Some(account) = self.accounts.get_mut(&key) {
            account.leased(reservation);
        }
    }

    /// Whether the key's counts are here, so that the durable ones need not be asked for.
    pub fn has_account(&self, key: Uuid) -> bool {
        self.accounts.contains_key(&key)
    }

    /// Counts one call of a key.
    pub fn count_use(&mut self, key: Uuid, usage: Usage) {
        self.usage
            .entry(key)
            .and_modify(|seen| *seen = seen.and(usage))
            .or_insert(usage);
    }

    /// Takes the calls counted since the last time.
    pub fn take_usage(&mut self) -> Vec<(Uuid, Usage)> {
        self.usage.drain().collect()
    }

    /// Forgets ended windows and gates that are gone, and tells whether nothing is left to keep.
    pub fn is_over(&mut self, now: Timestamp) -> bool {
        self.accounts.retain(|_, account| !account.is_over(now));
        self.gates.retain(|_, known| known.gate.addr.connected());
        let has_holders = !self.holders(Instant::now()).is_empty();
        self.accounts.is_empty() && self.usage.is_empty() && !has_holders
    }

    /// What was used of the running minute by keys of which that was not told yet.
    pub fn take_minutes(&mut self, now: Timestamp) -> Vec<(Uuid, MinuteCount)> {
        let accounts = self.accounts.iter_mut();
        accounts
            .filter_map(|(key, account)| Some((*key, account.minute_to_note(now)?)))
            .collect()
    }

    /// Takes no more calls and tells the true counts: of days where they differ from the durable ones, and of the minute.
    pub fn close(&mut self, now: Timestamp) -> Vec<(Uuid, Durable)> {
        self.is_closed = true;
        let count = |account: &Account| Durable {
            day: account.settled(),
            minute: account.minute(now),
        };
        let counts = self.accounts.iter().map(|(key, account)| (*key, count(account)));
        counts.filter(|(_, count)| *count != Durable::default()).collect()
    }
}
