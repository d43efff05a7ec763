//! The only place that asks what time it is and the only one that draws by chance.
//!
//! Two times exist. `now` is the server's clock, which the operator of a sandbox may advance: windows, schedules,
//! signatures and expiries follow it. `real_now` never jumps: leases and deadlines follow that.

use crate::domain::Timestamp;
use ring::rand::{SecureRandom, SystemRandom};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
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

/// Source of ids and secrets.
#[derive(Clone, Debug)]
pub struct Ids {
    random: SystemRandom,
}

impl Default for Ids {
    fn default() -> Self {
        Self {
            random: SystemRandom::new(),
        }
    }
}

impl Ids {
    /// A fresh UUIDv7 (RFC 9562) whose time part is `now`, so that ids sort by the server's clock.
    pub fn uuid(&self, now: Timestamp) -> Uuid {
        let mut random = [0_u8; 10];
        self.fill(&mut random);
        uuid::Builder::from_unix_timestamp_millis(u64::try_from(now.0).unwrap_or(0), &random).into_uuid()
    }

    /// `N` bytes fit for a secret.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0_u8; N];
        self.fill(&mut bytes);
        bytes
    }

    fn fill(&self, bytes: &mut [u8]) {
        // The system's generator fails only before it is seeded at boot; going on without chance would be worse.
        if self.random.fill(bytes).is_err() {
            std::process::abort();
        }
    }
}
