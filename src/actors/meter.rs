//! Counters no tenant can own: addresses, persons, logins; and the idempotency keys being worked on.
//!
//! Sharded by the key's hash and bounded. Counts live on the shelf of the supervisor's factory, so that a panic reopens no
//! window. A key in flight is a ticket: as long as its holder has it, the key counts as taken.

use crate::domain::rate_limit::{Buckets, Limits, Quota, Refused};
use crate::domain::time::MINUTE_MS;
use crate::domain::{Result, Timestamp};
use actix::{Actor, Context, Handler, Message};
use sha2::{Digest as _, Sha256};
use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::{IpAddr, Ipv6Addr};
use std::rc::Rc;
use std::sync::{Arc, Weak};
use uuid::Uuid;

/// Messages that may wait for a shard.
pub const MAILBOX: usize = 1_024;
/// Windows one shard counts; about 10 MiB.
const KEYS_MAX: usize = 65_536;
/// Where a shard is full of open windows, the least used of so many gives way.
const SAMPLE: usize = 16;
/// Keys in flight are swept of finished ones whenever they have doubled beyond this.
const IN_FLIGHT_SWEEP_MIN: usize = 1_024;

/// What is counted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum MeterKey {
    /// Credentials that proved nothing, by address.
    FailedAuth(IpAddr),
    /// Attempts to sign in under a name.
    Login(String),
    /// Calls of a signed-in person.
    Person(Uuid),
    /// Calls of one kind of a signed-in person.
    PersonOp(&'static str, Uuid),
    /// Calls of one kind about a tenant.
    TenantOp(&'static str, Uuid),
    /// Calls of one operation from an address.
    Op(&'static str, IpAddr),
    /// Calls that show one licence's key, from an address.
    License(Uuid, IpAddr),
}

impl MeterKey {
    /// The key with addresses as wide as their owner: whoever has one IPv6 address has its /64.
    fn widened(self) -> Self {
        match self {
            Self::FailedAuth(address) => Self::FailedAuth(widened(address)),
            Self::Op(op, address) => Self::Op(op, widened(address)),
            Self::License(license, address) => Self::License(license, widened(address)),
            other => other,
        }
    }
}

fn widened(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64))),
        v4 => v4,
    }
}

/// Counts one call, or only looks.
#[derive(Clone, Debug, Message)]
#[rtype(result = "std::result::Result<Quota, Refused>")]
pub struct Measure {
    key: MeterKey,
    limits: Limits,
    cost: u32,
    now: Timestamp,
}

impl Measure {
    /// Counts one call.
    pub fn take(key: MeterKey, limits: Limits, now: Timestamp) -> Self {
        Self {
            key: key.widened(),
            limits,
            cost: 1,
            now,
        }
    }

    /// Tells whether a call would be refused, counting nothing.
    pub fn peek(key: MeterKey, limits: Limits, now: Timestamp) -> Self {
        Self {
            cost: 0,
            ..Self::take(key, limits, now)
        }
    }

    /// The same count, for so many calls at once.
    #[must_use]
    pub fn costing(self, cost: u32) -> Self {
        Self { cost, ..self }
    }

    /// The shard that counts this key, of `shards`.
    pub fn shard(&self, shards: usize) -> usize {
        shard_of(&self.key, shards)
    }
}

/// An idempotency key of one principal on one route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct InFlightKey([u8; 32]);

impl InFlightKey {
    /// Names the key by who asks for what under which header value (its digest).
    pub fn new(principal: &str, route: &str, key_digest: &[u8; 32]) -> Self {
        let lengths = [principal.len(), route.len()].map(usize::to_be_bytes);
        let hash = Sha256::new()
            .chain_update(lengths.concat())
            .chain_update(principal)
            .chain_update(route)
            .chain_update(key_digest);
        Self(hash.finalize().into())
    }

    /// The shard that knows this key, of `shards`.
    pub fn shard(&self, shards: usize) -> usize {
        shard_of(self, shards)
    }
}

fn shard_of(key: &impl Hash, shards: usize) -> usize {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    usize::try_from(hasher.finish() % u64::try_from(shards).unwrap_or(1).max(1)).unwrap_or(0)
}

/// Holds an idempotency key; dropping it, also by a panic or a client that went away, sets the key free.
#[derive(Clone, Debug)]
#[must_use = "the key is free again as soon as this is dropped"]
pub struct InFlight {
    _held: Arc<()>,
}

/// Takes an idempotency key unless it is taken.
#[derive(Clone, Debug, Message)]
#[rtype(result = "Option<InFlight>")]
pub struct Begin(pub InFlightKey);

/// Panics, for tests of what survives it.
#[derive(Clone, Debug, Message)]
#[rtype(result = "()")]
pub struct Panic;

/// What outlives a shard's actor.
#[derive(Debug, Default)]
pub struct Counts {
    windows: HashMap<MeterKey, (Buckets, Limits)>,
    /// The minute in which ended windows were last removed.
    swept_at: Timestamp,
    in_flight: HashMap<InFlightKey, Weak<()>>,
    in_flight_swept: usize,
}

/// One shard.
#[derive(Debug)]
pub struct Meter {
    counts: Rc<RefCell<Counts>>,
}

impl Meter {
    /// Takes up the counts, new or a predecessor's.
    pub fn new(counts: Rc<RefCell<Counts>>) -> Self {
        Self { counts }
    }
}

impl Actor for Meter {
    type Context = Context<Self>;
}

impl Handler<Measure> for Meter {
    type Result = std::result::Result<Quota, Refused>;

    fn handle(&mut self, measure: Measure, _: &mut Self::Context) -> Self::Result {
        self.counts.borrow_mut().measure(measure)
    }
}

impl Handler<Begin> for Meter {
    type Result = Option<InFlight>;

    fn handle(&mut self, Begin(key): Begin, _: &mut Self::Context) -> Self::Result {
        self.counts.borrow_mut().begin(key)
    }
}

impl Handler<Panic> for Meter {
    type Result = ();

    #[expect(clippy::panic, reason = "the fault that tests inject")]
    fn handle(&mut self, _: Panic, _: &mut Self::Context) {
        panic!("a test asked a meter to panic");
    }
}

impl Counts {
    fn measure(&mut self, measure: Measure) -> std::result::Result<Quota, Refused> {
        let Measure { key, limits, cost, now } = measure;
        if cost == 0 {
            let mut seen = self.windows.get(&key).map(|(buckets, _)| *buckets).unwrap_or_default();
            let quota = seen.peek(&limits, now);
            return seen.take(&limits, 1, now).map(|_| quota);
        }
        if self.windows.len() >= KEYS_MAX && !self.windows.contains_key(&key) {
            self.make_room(now);
        }
        let (buckets, known) = self.windows.entry(key).or_default();
        *known = limits;
        buckets.take(&limits, cost, now)
    }

    fn make_room(&mut self, now: Timestamp) {
        // Windows end with the minute; looking through all of them at each call would be the attacker's aim.
        if now.floor(MINUTE_MS) != self.swept_at {
            self.swept_at = now.floor(MINUTE_MS);
            self.windows.retain(|_, (buckets, limits)| !buckets.is_over(limits, now));
        }
        if self.windows.len() < KEYS_MAX {
            return;
        }
        // Whoever fills the table with fresh keys displaces fresh keys, not those that have been counted high.
        let used = |(buckets, limits): &(Buckets, Limits)| {
            let quota = buckets.peek(limits, now);
            quota
                .minute
                .or(quota.day)
                .map_or(0, |window| window.limit.saturating_sub(window.remaining))
        };
        let sample = self.windows.iter().take(SAMPLE);
        let least = sample.min_by_key(|(_, window)| used(window)).map(|(key, _)| key.clone());
        if let Some(key) = least {
            self.windows.remove(&key);
        }
    }

    fn begin(&mut self, key: InFlightKey) -> Option<InFlight> {
        if self.in_flight.len() >= (self.in_flight_swept * 2).max(IN_FLIGHT_SWEEP_MIN) {
            self.in_flight.retain(|_, held| held.strong_count() > 0);
            self.in_flight_swept = self.in_flight.len();
        }
        if self.in_flight.get(&key).is_some_and(|held| held.strong_count() > 0) {
            return None;
        }
        let held = Arc::new(());
        self.in_flight.insert(key, Arc::downgrade(&held));
        Some(InFlight { _held: held })
    }
}

/// The answer of a counter to a caller: a full window is a 429.
pub fn answer(measured: std::result::Result<Quota, Refused>) -> Result<Quota> {
    measured.map_err(|refused| super::tenant::verdict::rate_limited(&refused))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_790_000_000_000);

    fn take(counts: &mut Counts, key: MeterKey, limit: u32) -> bool {
        counts.measure(Measure::take(key, Limits::per_minute(limit), NOW)).is_ok()
    }

    #[test]
    fn a_look_costs_nothing_and_tells_the_truth() {
        let mut counts = Counts::default();
        let key = MeterKey::Login("a@b.example".to_owned());
        let look = || Measure::peek(key.clone(), Limits::per_minute(1), NOW);
        assert!(counts.measure(look()).is_ok());
        assert!(counts.measure(look()).is_ok());
        assert!(take(&mut counts, key.clone(), 1));
        assert!(counts.measure(look()).is_err());
    }

    #[test]
    fn neighbours_in_one_ipv6_network_count_together() {
        let mut counts = Counts::default();
        let address = |text: &str| MeterKey::FailedAuth(text.parse().unwrap());
        assert!(take(&mut counts, address("2001:db8::1"), 1));
        assert!(!take(&mut counts, address("2001:db8::ffff:2"), 1));
        assert!(take(&mut counts, address("2001:db8:0:1::1"), 1));
        assert!(take(&mut counts, address("192.0.2.1"), 1));
        assert!(!take(&mut counts, address("::ffff:192.0.2.1"), 1));
    }

    #[test]
    fn a_flood_of_keys_stays_bounded_and_does_not_wash_out_the_counted() {
        let mut counts = Counts::default();
        let abuser = MeterKey::Login("abuser".to_owned());
        for _ in 0..60 {
            take(&mut counts, abuser.clone(), 60);
        }
        for n in 0..(KEYS_MAX + 5_000) {
            take(&mut counts, MeterKey::Person(Uuid::from_u128(n as u128)), 60);
        }
        assert!(counts.windows.len() <= KEYS_MAX);
        assert!(!take(&mut counts, abuser, 60));
    }

    #[test]
    fn a_key_is_taken_as_long_as_its_ticket_lives() {
        let mut counts = Counts::default();
        let key = InFlightKey::new("key:1", "products.create", &[7; 32]);
        let ticket = counts.begin(key).unwrap();
        assert!(counts.begin(key).is_none());
        assert!(counts.begin(InFlightKey::new("key:1", "products.creat", &[7; 32])).is_some());
        drop(ticket);
        assert!(counts.begin(key).is_some());
    }

    #[test]
    fn finished_keys_in_flight_are_swept() {
        let mut counts = Counts::default();
        for n in 0..10_000_u32 {
            let mut digest = [0; 32];
            digest[..4].copy_from_slice(&n.to_be_bytes());
            drop(counts.begin(InFlightKey::new("p", "r", &digest)));
        }
        assert!(counts.in_flight.len() <= IN_FLIGHT_SWEEP_MIN);
    }
}
