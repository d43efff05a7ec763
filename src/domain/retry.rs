//! When a failed delivery is tried again.

use super::delivery::Outcome;
use super::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

/// Most jitter there is, in thousandths of the wait; it only ever lengthens.
pub const JITTER_PERMILLE_MAX: u16 = 200;

/// Which refusals are worth another try; network errors always are, 410 never is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RetryOn {
    /// Everything but 2xx and 410.
    #[serde(rename = "all_but_410")]
    AllBut410,
    /// Only 5xx; another 4xx, and a redirect, is final.
    ServerErrors,
}

/// On which statuses a receiver's `Retry-After` is heeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum HonourRetryAfter {
    /// On 429 and 503.
    #[serde(rename = "429_503")]
    On429And503,
    /// On 503 alone.
    #[serde(rename = "503")]
    On503,
}

/// A dialect's retry rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetryPolicy {
    /// Seconds to wait after each failed attempt; one attempt more than there are waits.
    pub waits_s: Vec<u32>,
    /// Which refusals are tried again.
    pub retried: RetryOn,
    /// Where `Retry-After` is heeded.
    pub honour: HonourRetryAfter,
    /// Seconds that connect, headers and body may take together.
    pub deadline_s: u32,
}

/// What follows a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Another attempt, at this moment.
    At(Timestamp),
    /// None: the attempts are used up or the answer was final.
    Final,
}

impl RetryPolicy {
    /// How many attempts a delivery gets in all.
    pub fn attempts_max(&self) -> u32 {
        u32::try_from(self.waits_s.len()).unwrap_or(u32::MAX).saturating_add(1)
    }

    /// How long one attempt may take.
    pub fn deadline(&self) -> Duration {
        Duration::from_secs(u64::from(self.deadline_s))
    }

    /// Tells whether this outcome is worth another try.
    pub fn retries(&self, outcome: &Outcome) -> bool {
        match outcome {
            Outcome::Delivered(_) | Outcome::Refused { status: 410, .. } => false,
            Outcome::Network(_) => true,
            Outcome::Refused { status, .. } => match self.retried {
                RetryOn::AllBut410 => true,
                RetryOn::ServerErrors => (500..=599).contains(status),
            },
        }
    }

    /// Says what follows failed attempt number `attempt` (1 is the first).
    ///
    /// A heeded `Retry-After` lengthens the wait, at most to the step that would come next; it never shortens it, or a
    /// receiver could make itself be called in a loop. `jitter_permille` is 0 to 200 and only lengthens.
    pub fn next(&self, attempt: u32, outcome: &Outcome, jitter_permille: u16, now: Timestamp) -> Next {
        if !self.retries(outcome) {
            return Next::Final;
        }
        let step = usize::try_from(attempt.saturating_sub(1)).unwrap_or(usize::MAX);
        let Some(&wait_s) = self.waits_s.get(step) else {
            return Next::Final;
        };
        let bound_s = self.waits_s.get(step + 1).copied().unwrap_or(wait_s).max(wait_s);
        let hint_s = self.hint_s(outcome).map_or(0, |hint| u32::try_from(hint).unwrap_or(u32::MAX));
        let wait_ms = u64::from(hint_s.clamp(wait_s, bound_s)) * 1000;
        let jitter_ms = wait_ms * u64::from(jitter_permille.min(JITTER_PERMILLE_MAX)) / 1000;
        Next::At(now + Duration::from_millis(wait_ms + jitter_ms))
    }

    fn hint_s(&self, outcome: &Outcome) -> Option<u64> {
        let Outcome::Refused { status, retry_after_s } = outcome else {
            return None;
        };
        let heeded = match self.honour {
            HonourRetryAfter::On429And503 => matches!(status, 429 | 503),
            HonourRetryAfter::On503 => *status == 503,
        };
        retry_after_s.filter(|_| heeded)
    }
}

/// Reads a `Retry-After` value, whole seconds or an HTTP date (RFC 9110 §10.2.3), as seconds from `now`.
pub fn retry_after_s(value: &str, now: Timestamp) -> Option<u64> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) {
        // A number too long for 64 bits still means "very late".
        return Some(value.parse().unwrap_or(u64::MAX));
    }
    let at = OffsetDateTime::parse(&value.replace("GMT", "+0000"), &Rfc2822).ok()?;
    Some(Timestamp::from_seconds(at.unix_timestamp()).seconds_from(now))
}

#[cfg(test)]
mod tests {
    use super::super::delivery::NetworkClass;
    use super::*;
    use proptest::prelude::*;

    const NOW: Timestamp = Timestamp(1_790_000_000_000);

    fn policy() -> RetryPolicy {
        RetryPolicy {
            waits_s: vec![60, 300, 1800, 7200, 21_600, 86_400],
            retried: RetryOn::AllBut410,
            honour: HonourRetryAfter::On429And503,
            deadline_s: 10,
        }
    }

    fn refused(status: u16, retry_after_s: Option<u64>) -> Outcome {
        Outcome::Refused { status, retry_after_s }
    }

    fn wait_s(policy: &RetryPolicy, attempt: u32, outcome: &Outcome) -> Option<u64> {
        match policy.next(attempt, outcome, 0, NOW) {
            Next::At(at) => Some(at.seconds_from(NOW)),
            Next::Final => None,
        }
    }

    #[test]
    fn the_published_waits_follow_one_another_and_end() {
        let waits: Vec<_> = (1..=7).map(|n| wait_s(&policy(), n, &refused(500, None))).collect();
        assert_eq!(
            waits,
            [Some(60), Some(300), Some(1800), Some(7200), Some(21_600), Some(86_400), None]
        );
        assert_eq!(policy().attempts_max(), 7);
    }

    #[test]
    fn what_is_final_depends_on_the_dialect() {
        let strict = RetryPolicy {
            retried: RetryOn::ServerErrors,
            ..policy()
        };
        for (status, loose, tight) in [
            (400, true, false),
            (302, true, false),
            (429, true, false),
            (503, true, true),
            (410, false, false),
        ] {
            assert_eq!(policy().retries(&refused(status, None)), loose, "{status}");
            assert_eq!(strict.retries(&refused(status, None)), tight, "{status}");
        }
        assert!(strict.retries(&Outcome::Network(NetworkClass::Timeout)));
        assert!(!policy().retries(&Outcome::Delivered(204)));
    }

    #[test]
    fn retry_after_lengthens_up_to_the_next_step() {
        assert_eq!(wait_s(&policy(), 1, &refused(429, Some(120))), Some(120));
        assert_eq!(wait_s(&policy(), 1, &refused(503, Some(9999))), Some(300));
        assert_eq!(wait_s(&policy(), 1, &refused(503, Some(5))), Some(60));
        assert_eq!(wait_s(&policy(), 1, &refused(500, Some(120))), Some(60));
        assert_eq!(wait_s(&policy(), 6, &refused(503, Some(u64::MAX))), Some(86_400));
        let narrow = RetryPolicy {
            honour: HonourRetryAfter::On503,
            ..policy()
        };
        assert_eq!(wait_s(&narrow, 1, &refused(429, Some(120))), Some(60));
        assert_eq!(wait_s(&narrow, 1, &refused(503, Some(120))), Some(120));
    }

    #[test]
    fn retry_after_is_read_in_both_forms() {
        assert_eq!(retry_after_s(" 120 ", NOW), Some(120));
        assert_eq!(retry_after_s("Mon, 21 Sep 2026 14:15:20 GMT", NOW), Some(120));
        assert_eq!(retry_after_s("Mon, 21 Sep 2020 14:15:20 GMT", NOW), Some(0));
        assert_eq!(retry_after_s("99999999999999999999999", NOW), Some(u64::MAX));
        for bad in ["", "-1", "soon", "1.5"] {
            assert_eq!(retry_after_s(bad, NOW), None, "{bad}");
        }
    }

    #[test]
    fn a_policy_is_read_from_a_dialects_words() {
        let read: RetryPolicy = serde_json::from_value(serde_json::json!({
            "waits_s": [60], "retried": "all_but_410", "honour": "429_503", "deadline_s": 10
        }))
        .unwrap();
        assert_eq!(read.retried, RetryOn::AllBut410);
        assert_eq!(serde_json::to_value(RetryOn::ServerErrors).unwrap(), "server_errors");
    }

    proptest! {
        #[test]
        fn times_never_decrease_and_stay_within_bounds(hint: Option<u64>, jitters in prop::collection::vec(0_u16..=200, 6)) {
            let policy = policy();
            let mut last = NOW.0;
            for (n, jitter) in (1_u32..).zip(jitters) {
                let Next::At(at) = policy.next(n, &refused(503, hint), jitter, NOW) else { break };
                let step = policy.waits_s[n as usize - 1];
                let next = policy.waits_s.get(n as usize).copied().unwrap_or(step);
                let wait_ms = at.0 - NOW.0;
                prop_assert!(wait_ms >= i64::from(step) * 1000);
                prop_assert!(wait_ms <= i64::from(next) * 1200);
                prop_assert!(wait_ms + NOW.0 >= last, "attempt {n} would come before its predecessor");
                last = NOW.0 + i64::from(step) * 1000;
            }
        }

        #[test]
        fn any_header_is_read_without_harm(value in ".{0,60}") {
            let _ = retry_after_s(&value, NOW);
        }
    }
}
