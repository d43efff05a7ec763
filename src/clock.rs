//! The only place that asks what time it is and the only one that draws by chance.
//!
//! Two times exist. `now` is the server's clock, which the operator of a sandbox may advance: windows, schedules,
//! signatures and expiries follow it. `real_now` never jumps: leases and deadlines follow that.

use crate::domain::Timestamp;
use ring::rand::{SecureRandom, SystemRandom};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};
use uuid::Uuid;

/// The server's clock: real time plus an offset that only ever grows.
#[derive(Clone, Debug)]
pub struct Clock {
    offset_ms: Arc<AtomicI64>,
    /// Set in tests: the base stands still at this moment instead of following the system.
    fixed_ms: Option<Arc<AtomicI64>>,
}

impl Clock {
    /// Follows the system, `offset_ms` ahead of it.
    pub fn system(offset_ms: i64) -> Self {
        Self {
            offset_ms: Arc::new(AtomicI64::new(offset_ms)),
            fixed_ms: None,
        }
    }

    /// Stands still until told otherwise; for tests.
    pub fn fixed(at: Timestamp) -> Self {
        Self {
            offset_ms: Arc::default(),
            fixed_ms: Some(Arc::new(AtomicI64::new(at.0))),
        }
    }

    /// The server's time.
    pub fn now(&self) -> Timestamp {
        Timestamp(self.real_now().0 + self.offset_ms())
    }

    /// Time that no operator moves: what leases are measured in.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the system's clock")]
    pub fn real_now(&self) -> Timestamp {
        match &self.fixed_ms {
            Some(at) => Timestamp(at.load(Ordering::SeqCst)),
            None => Timestamp(
                SystemTime::now()
                    .duration_since(UNIX_EPOCH)
                    .map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX)),
            ),
        }
    }

    /// How far the server's time is ahead of the real one, in milliseconds.
    pub fn offset_ms(&self) -> i64 {
        self.offset_ms.load(Ordering::SeqCst)
    }

    /// Sets the time that a clock of tests stands still at, its real time too; a jump back is one.
    pub fn stand_at(&self, at: Timestamp) {
        if let Some(fixed) = &self.fixed_ms {
            fixed.store(at.0, Ordering::SeqCst);
        }
    }

    /// Moves the server's time to `at`; a moment in its past changes nothing.
    pub fn advance_to(&self, at: Timestamp) {
        let offset = at.0 - self.real_now().0;
        self.offset_ms.fetch_max(offset, Ordering::SeqCst);
    }
}

/// Measures how long something takes; no clock change touches it.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts measuring.
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Milliseconds since the start, rounded down.
    pub fn elapsed_ms(&self) -> u32 {
        u32::try_from(self.0.elapsed().as_millis()).unwrap_or(u32::MAX)
    }
}

/// Bits of a UUIDv7 behind its milliseconds that count.
const COUNTER_BITS: u32 = 12;
/// The counter's bits.
const COUNTER_MASK: u64 = (1 << COUNTER_BITS) - 1;
/// How far ids may run ahead of the clock: a second. A clock set back further starts again, as it should.
const BORROWED_MAX: u64 = 1000 << COUNTER_BITS;

/// Where chance comes from.
#[derive(Clone, Debug)]
enum Source {
    System(SystemRandom),
    /// Repeatable, for simulations.
    Seeded(Arc<AtomicU64>),
}

/// Source of ids and secrets.
#[derive(Clone, Debug)]
pub struct Ids {
    random: Source,
    /// Millisecond and counter of the last id: ids of one process sort in the order they were made.
    last: Arc<AtomicU64>,
}

impl Default for Ids {
    fn default() -> Self {
        Self {
            random: Source::System(SystemRandom::new()),
            last: Arc::default(),
        }
    }
}

impl Ids {
    /// Draws the same ids for the same seed, which whoever knows it can foresee: for simulations, never for a server.
    pub fn seeded(seed: u64) -> Self {
        Self {
            random: Source::Seeded(Arc::new(AtomicU64::new(seed))),
            last: Arc::default(),
        }
    }

    /// A fresh UUIDv7 (RFC 9562) whose time part is `now`; within a millisecond a counter of 12 bits keeps the order, and
    /// beyond it the next millisecond is borrowed.
    pub fn uuid(&self, now: Timestamp) -> Uuid {
        let wanted = u64::try_from(now.0).unwrap_or(0) << COUNTER_BITS;
        let next = |last: u64| {
            if last >= wanted && last - wanted < BORROWED_MAX {
                last + 1
            } else {
                wanted
            }
        };
        let last = self
            .last
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |last| Some(next(last)))
            .unwrap_or(wanted);
        let [high, low] = u16::try_from(next(last) & COUNTER_MASK).unwrap_or(0).to_be_bytes();
        let mut random = [0_u8; 10];
        self.fill(&mut random);
        (random[0], random[1]) = (high, low);
        uuid::Builder::from_unix_timestamp_millis(next(last) >> COUNTER_BITS, &random).into_uuid()
    }

    /// `N` bytes fit for a secret.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0_u8; N];
        self.fill(&mut bytes);
        bytes
    }

    fn fill(&self, bytes: &mut [u8]) {
        match &self.random {
            // The system's generator fails only before it is seeded at boot; going on without chance would be worse.
            Source::System(random) => {
                if random.fill(bytes).is_err() {
                    std::process::abort();
                }
            }
            Source::Seeded(state) => {
                for chunk in bytes.chunks_mut(8) {
                    let drawn = splitmix(state.fetch_add(GOLDEN, Ordering::SeqCst));
                    chunk.copy_from_slice(&drawn.to_le_bytes()[..chunk.len()]);
                }
            }
        }
    }
}

/// The odd number nearest to 2^64 divided by the golden ratio: the step of SplitMix64.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// The mixing function of SplitMix64 (Steele, Lea, Flood 2014), for the state after its step.
fn splitmix(state: u64) -> u64 {
    let mut mixed = state.wrapping_add(GOLDEN);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
