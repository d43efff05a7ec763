//! What an attempt's outcome means for its delivery and for the endpoint's health.

use super::retry::{Next, RetryPolicy};
use super::time::{DAY_MS, Timestamp};

/// How an attempt failed before a usable answer came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NetworkClass {
    /// The guard refused the target: a forbidden address, scheme, port or name.
    Forbidden,
    /// The request itself cannot be formed: an unreadable URL or header.
    Unsendable,
    /// The name does not resolve.
    Dns,
    /// Nothing listens there.
    Refused,
    /// There is no way there.
    Unreachable,
    /// The connection broke or was closed before an answer.
    Reset,
    /// The TLS handshake or the certificate failed.
    Tls,
    /// The deadline passed.
    Timeout,
    /// The answer is not HTTP, or its head is over the bound.
    Protocol,
    /// Anything else.
    Other,
}

impl NetworkClass {
    /// Every class there is.
    pub const ALL: &'static [Self] = &[
        Self::Forbidden,
        Self::Unsendable,
        Self::Dns,
        Self::Refused,
        Self::Unreachable,
        Self::Reset,
        Self::Tls,
        Self::Timeout,
        Self::Protocol,
        Self::Other,
    ];

    /// The stable text in columns, logs and metric labels.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Forbidden => "forbidden",
            Self::Unsendable => "unsendable",
            Self::Dns => "dns",
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
            Self::Reset => "reset",
            Self::Tls => "tls",
            Self::Timeout => "timeout",
            Self::Protocol => "protocol",
            Self::Other => "other",
        }
    }

    /// Reads that text.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|class| class.name() == name)
    }
}

/// What came of one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A 2xx answer, with its status.
    Delivered(u16),
    /// Another answer: redirects count as refusals.
    Refused {
        /// The answer's status.
        status: u16,
        /// Seconds its `Retry-After` asks for.
        retry_after_s: Option<u64>,
    },
    /// No usable answer within the deadline.
    Network(NetworkClass),
}

impl Outcome {
    /// Sorts an answer by its status.
    pub const fn of_status(status: u16, retry_after_s: Option<u64>) -> Self {
        match status {
            200..=299 => Self::Delivered(status),
            _ => Self::Refused { status, retry_after_s },
        }
    }

    /// Whether the receiver took it.
    pub const fn is_delivered(&self) -> bool {
        matches!(self, Self::Delivered(_))
    }

    /// The status a log row shows: 408 for a time-out and 0 where no answer came, as the Sellf contract has it.
    pub const fn logged_status(&self) -> u16 {
        match self {
            Self::Delivered(status) | Self::Refused { status, .. } => *status,
            Self::Network(NetworkClass::Timeout) => 408,
            Self::Network(_) => 0,
        }
    }
}

/// What becomes of a delivery after an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Done.
    Delivered,
    /// Due again at this moment.
    RetryAt(Timestamp),
    /// Failed for good; it can be replayed by hand.
    Exhausted,
    /// The receiver said 410: failed for good, and its endpoint is switched off.
    Disabled410,
}

/// Decides what becomes of a delivery; `attempts` counts those made, this one included.
pub fn decide(outcome: &Outcome, attempts: u32, policy: &RetryPolicy, jitter_permille: u16, now: Timestamp) -> Decision {
    match outcome {
        Outcome::Delivered(_) => Decision::Delivered,
        Outcome::Refused { status: 410, .. } => Decision::Disabled410,
        _ => match policy.next(attempts, outcome, jitter_permille, now) {
            Next::At(at) => Decision::RetryAt(at),
            Next::Final => Decision::Exhausted,
        },
    }
}

/// An endpoint failing without a break for this long is switched off.
pub const DISABLE_AFTER_MS: i64 = 7 * DAY_MS;
/// Its owner is warned once it has failed for this long.
pub const WARN_AFTER_MS: i64 = DAY_MS;
/// A few failures spread thinly do not switch an endpoint off: at least this many attempts must have failed.
pub const DISABLE_FAILURES_MIN: u32 = 5;
/// The failures must lie on at least this many UTC days, so that a clock's jump or one bad night is not enough.
pub const DISABLE_DAYS_MIN: u32 = 3;

/// An endpoint's health since its last success; the fields are columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// The first failure of the present unbroken run.
    pub failing_since_at: Option<Timestamp>,
    /// Failed attempts in the run.
    pub failures: u32,
    /// Distinct UTC days with a failure in the run.
    pub days: u32,
    /// The latest such day, in days since the epoch.
    pub last_day: Option<i64>,
    /// When the owner was warned of this run.
    pub warned_at: Option<Timestamp>,
}

/// What an observation asks to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HealthChange {
    /// Nothing.
    None,
    /// Tell the owner that the endpoint keeps failing.
    Warn,
    /// Switch the endpoint off and tell the owner.
    Disable,
}

/// Takes one attempt into the endpoint's health; any failed attempt counts, 4xx too, and one success clears the run.
pub fn observe(health: &Health, is_delivered: bool, now: Timestamp) -> (Health, HealthChange) {
    if is_delivered {
        return (Health::default(), HealthChange::None);
    }
    let since_at = health.failing_since_at.unwrap_or(now);
    let day = now.0.div_euclid(DAY_MS);
    // Attempts of several workers may be recorded out of order: only a later day is a new one.
    let is_new_day = health.last_day.is_none_or(|last| day > last);
    let mut seen = Health {
        failing_since_at: Some(since_at),
        failures: health.failures.saturating_add(1),
        days: health.days.saturating_add(u32::from(is_new_day)),
        last_day: Some(health.last_day.map_or(day, |last| last.max(day))),
        warned_at: health.warned_at,
    };
    let failing_ms = now.0 - since_at.0;
    if failing_ms >= DISABLE_AFTER_MS && seen.failures >= DISABLE_FAILURES_MIN && seen.days >= DISABLE_DAYS_MIN {
        return (seen, HealthChange::Disable);
    }
    if failing_ms >= WARN_AFTER_MS && seen.warned_at.is_none() {
        seen.warned_at = Some(now);
        return (seen, HealthChange::Warn);
    }
    (seen, HealthChange::None)
}

#[cfg(test)]
mod tests {
    use super::super::retry::{HonourRetryAfter, RetryOn};
    use super::*;
    use proptest::prelude::*;

    const HOUR_MS: i64 = 3_600_000;
    const START: Timestamp = Timestamp(1_790_000_000_000);

    fn policy(retried: RetryOn) -> RetryPolicy {
        RetryPolicy {
            waits_s: vec![60, 300],
            retried,
            honour: HonourRetryAfter::On429And503,
            deadline_s: 5,
        }
    }

    fn failures(at_hours: &[i64]) -> (Health, Vec<HealthChange>) {
        let mut health = Health::default();
        let mut changes = Vec::new();
        for hours in at_hours {
            let change;
            (health, change) = observe(&health, false, Timestamp(START.0 + hours * HOUR_MS));
            changes.push(change);
        }
        (health, changes)
    }

    #[test]
    fn each_outcome_has_its_decision() {
        let loose = policy(RetryOn::AllBut410);
        let strict = policy(RetryOn::ServerErrors);
        let at = |seconds: i64| Decision::RetryAt(Timestamp(START.0 + seconds * 1000));
        let timeout = Outcome::Network(NetworkClass::Timeout);
        let table = [
            (Outcome::of_status(204, None), 1, Decision::Delivered, Decision::Delivered),
            (Outcome::of_status(410, None), 1, Decision::Disabled410, Decision::Disabled410),
            (Outcome::of_status(404, None), 1, at(60), Decision::Exhausted),
            (Outcome::of_status(302, None), 2, at(300), Decision::Exhausted),
            (Outcome::of_status(500, None), 2, at(300), at(300)),
            (Outcome::of_status(429, Some(120)), 1, at(120), Decision::Exhausted),
            (timeout, 1, at(60), at(60)),
            (timeout, 3, Decision::Exhausted, Decision::Exhausted),
        ];
        for (outcome, attempts, in_loose, in_strict) in table {
            assert_eq!(decide(&outcome, attempts, &loose, 0, START), in_loose, "{outcome:?}");
            assert_eq!(decide(&outcome, attempts, &strict, 0, START), in_strict, "{outcome:?}");
        }
    }

    #[test]
    fn log_rows_show_408_for_a_time_out_and_0_for_no_connection() {
        assert_eq!(Outcome::Network(NetworkClass::Timeout).logged_status(), 408);
        assert_eq!(Outcome::Network(NetworkClass::Refused).logged_status(), 0);
        assert_eq!(Outcome::of_status(503, None).logged_status(), 503);
    }

    #[test]
    fn class_names_are_read_back() {
        for class in NetworkClass::ALL {
            assert_eq!(NetworkClass::parse(class.name()), Some(*class));
        }
    }

    #[test]
    fn seven_days_of_failure_on_several_days_disable() {
        let (health, changes) = failures(&[0, 24, 48, 72, 96, 120, 144, 167, 168]);
        assert_eq!(changes.last(), Some(&HealthChange::Disable));
        assert_eq!(changes.iter().filter(|c| **c == HealthChange::Disable).count(), 1);
        assert_eq!(changes.iter().filter(|c| **c == HealthChange::Warn).count(), 1);
        assert_eq!(health.failures, 9);
    }

    #[test]
    fn too_few_failures_or_days_do_not() {
        assert_eq!(failures(&[0, 24, 48, 170]).1.last(), Some(&HealthChange::None));
        assert_eq!(failures(&[0, 1, 2, 3, 170]).1.last(), Some(&HealthChange::Warn));
        assert_eq!(failures(&[0, 1, 2, 3, 4, 170, 171]).0.days, 2);
    }

    #[test]
    fn one_success_starts_over() {
        let (health, _) = failures(&[0, 24, 48, 72, 96, 120, 144]);
        let (health, change) = observe(&health, true, Timestamp(START.0 + 160 * HOUR_MS));
        assert_eq!((health, change), (Health::default(), HealthChange::None));
        let (_, change) = observe(&health, false, Timestamp(START.0 + 168 * HOUR_MS));
        assert_eq!(change, HealthChange::None);
    }

    proptest! {
        #[test]
        fn nothing_is_disabled_before_the_threshold(hours in prop::collection::vec(0_i64..400, 1..40)) {
            let mut hours = hours;
            hours.sort_unstable();
            let (_, changes) = failures(&hours);
            for (n, change) in changes.iter().enumerate() {
                let is_due = hours[n] - hours[0] >= 168 && n + 1 >= 5;
                prop_assert!(*change != HealthChange::Disable || is_due);
            }
        }
    }
}
