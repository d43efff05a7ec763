//! What outlives a tenant actor: its keeper on the same arbiter holds it and hands it to the next one.

use crate::domain::Timestamp;
use crate::domain::rate_limit::{Buckets, Limits, Reservation};
use std::cell::RefCell;
use std::collections::HashMap;
use std::net::IpAddr;
use std::rc::Rc;
use tokio::time::Instant;
use uuid::Uuid;

/// Shared by one keeper and one tenant actor, both on one thread; never borrowed over an await.
pub type Shared = Rc<RefCell<Kept>>;

/// The buckets and use of one key.
#[derive(Clone, Copy, Debug)]
pub struct Account {
    /// The counts.
    pub buckets: Buckets,
    /// The limits in force when it was last charged.
    pub limits: Limits,
}

/// Calls of a key since the last flush.
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

/// One tenant's counts, which neither a panic nor an eviction may reopen.
#[derive(Debug)]
pub struct Kept {
    accounts: HashMap<Uuid, Account>,
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

    /// The account of a key; one seen for the first time starts from what is durable of its day.
    pub fn account(&mut self, key: Uuid, limits: Limits, durable: Option<Reservation>) -> &mut Account {
        let account = self.accounts.entry(key).or_insert_with(|| Account {
            buckets: durable.map(Buckets::restored).unwrap_or_default(),
            limits,
        });
        account.limits = limits;
        account
    }

    /// Notes that more of a key's day is durable.
    pub fn leased(&mut self, key: Uuid, reservation: Reservation) {
        if let Some(account) = self.accounts.get_mut(&key) {
            account.buckets.leased(reservation);
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

    /// Forgets ended windows and tells whether nothing is left to keep.
    pub fn is_over(&mut self, now: Timestamp) -> bool {
        self.accounts
            .retain(|_, account| !account.buckets.is_over(&account.limits, now));
        self.accounts.is_empty() && self.usage.is_empty()
    }

    /// Takes no more calls and tells the true day counts that differ from the durable ones.
    pub fn close(&mut self) -> Vec<(Uuid, Reservation)> {
        self.is_closed = true;
        let settled = |(key, account): (&Uuid, &Account)| account.buckets.settled().map(|true_count| (*key, true_count));
        self.accounts.iter().filter_map(settled).collect()
    }
}
