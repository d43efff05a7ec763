//! The sandbox's calendar: when a period ends, and what is due when. Pure, in whole seconds, as Stripe counts.
//!
//! | Due | What |
//! |---|---|
//! | 3 days before a trial ends, at once in a shorter one | `customer.subscription.trial_will_end` |
//! | 7 days before a period ends, halfway through one shorter than 14 days | `invoice.upcoming` |
//! | at a period's end | the next period is charged, or the subscription ends |
//! | 3, then 5, then 7 days after a charge that failed; sooner in periods shorter than 28 days | the charge is tried again |
//!
//! After the fourth failure it is unpaid, and ends with its period.

use crate::domain::Timestamp;
use crate::domain::time::DAY_MS;
use entities::subscription::Status;
use time::{Date, Month, PrimitiveDateTime};

/// How long before its end a trial's end is announced.
const TRIAL_NOTICE_MS: i64 = 3 * DAY_MS;
/// How long before its end a period's end is announced, at most.
const RENEWAL_NOTICE_MS: i64 = 7 * DAY_MS;
/// The waits between tries of a charge.
const WAITS_MS: [i64; 3] = [3 * DAY_MS, 5 * DAY_MS, 7 * DAY_MS];
/// The shortest period that those fit into with room to spare.
const LONG_PERIOD_MS: i64 = 28 * DAY_MS;

/// The moment `count` intervals after `anchor`: months and years keep the day of the month, or its last day where a month
/// is shorter; the next one is counted from the anchor again, so that the 31st comes back.
pub fn after(anchor: Timestamp, interval: &str, count: i64) -> Timestamp {
    let days = |days: i64| Timestamp(anchor.0.saturating_add(count.saturating_mul(days).saturating_mul(DAY_MS)));
    match interval {
        "day" => days(1),
        "week" => days(7),
        "year" => months(anchor, count.saturating_mul(12)),
        _ => months(anchor, count),
    }
}

fn months(anchor: Timestamp, count: i64) -> Timestamp {
    let from = anchor.date_time();
    let index = i64::from(from.year()) * 12 + i64::from(u8::from(from.month())) - 1 + count;
    let year = i32::try_from(index.div_euclid(12)).unwrap_or(i32::MAX);
    let month = u8::try_from(index.rem_euclid(12) + 1)
        .ok()
        .and_then(|month| Month::try_from(month).ok());
    let moved = month.and_then(|month| {
        let day = from.day().min(month.length(year));
        Date::from_calendar_date(year, month, day).ok()
    });
    // Beyond the calendar nothing falls due any more.
    moved.map_or(Timestamp(i64::MAX), |date| {
        let at = PrimitiveDateTime::new(date, from.time()).assume_utc();
        Timestamp(i64::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX))
    })
}

/// A subscription as its clockwork sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// What it is.
    pub status: Status,
    /// When the present period began.
    pub period_start: Timestamp,
    /// When it ends.
    pub period_end: Timestamp,
    /// Whether the subscription ends with it.
    pub ends: bool,
    /// How often the present period was charged in vain.
    pub attempts: i64,
    /// The moment that was announced last.
    pub noticed: Option<Timestamp>,
}

/// What there is to do with a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// To say that its trial ends soon.
    TrialNotice,
    /// To say that it will be charged soon.
    RenewalNotice,
    /// To try the charge of its present period again.
    Retry,
    /// To end it, or to begin and charge its next period.
    PeriodEnd,
}

impl State {
    /// What is due next, and when; what lies in the past is due at once.
    pub fn next(&self) -> (Timestamp, Step) {
        let length = self.period_end.0 - self.period_start.0;
        let mut due = vec![(self.period_end, Step::PeriodEnd)];
        if self.status == Status::Trialing && !self.has_noticed(Step::TrialNotice) {
            let at = (self.period_end.0 - TRIAL_NOTICE_MS).max(self.period_start.0);
            due.push((Timestamp(at), Step::TrialNotice));
        }
        if self.goes_on() && !self.has_noticed(Step::RenewalNotice) {
            let at = self.period_end.0 - RENEWAL_NOTICE_MS.min(length / 2);
            due.push((Timestamp(at - at.rem_euclid(1_000)), Step::RenewalNotice));
        }
        if let (Status::PastDue, Some(retry)) = (self.status, self.retry_at()) {
            due.push((retry, Step::Retry));
        }
        // Of the same moment, what is said before what is done.
        due.into_iter()
            .min_by_key(|(at, step)| (*at, *step == Step::PeriodEnd))
            .unwrap_or((self.period_end, Step::PeriodEnd))
    }

    /// Whether the next period will be charged, as far as can be said.
    fn goes_on(&self) -> bool {
        !self.ends && matches!(self.status, Status::Active | Status::Trialing)
    }

    /// A trial's end and a period's end are announced apart: the first is marked by the second before its end.
    fn has_noticed(&self, step: Step) -> bool {
        let marks = [step.mark(self.period_end), Step::RenewalNotice.mark(self.period_end)];
        match step {
            Step::TrialNotice => self.noticed == Some(marks[0]) || self.both(),
            _ => self.noticed == Some(marks[1]) || self.both(),
        }
    }

    fn both(&self) -> bool {
        self.noticed == Some(Timestamp(self.period_end.0 + 1))
    }

    /// What is remembered once `step` was announced.
    pub fn noticed_after(&self, step: Step) -> Timestamp {
        let other = match step {
            Step::TrialNotice => self.has_noticed(Step::RenewalNotice),
            _ => self.has_noticed(Step::TrialNotice),
        };
        match other {
            true => Timestamp(self.period_end.0 + 1),
            false => step.mark(self.period_end),
        }
    }

    /// When a failed charge is tried again, the first try having been at the period's beginning; `None` where it is given
    /// up.
    pub fn retry_at(&self) -> Option<Timestamp> {
        let tries = usize::try_from(self.attempts).ok().filter(|tries| *tries > 0)?;
        let waits = WAITS_MS.get(..tries)?;
        Some(Timestamp(
            self.period_start.0 + waits.iter().map(|wait| self.scaled(*wait)).sum::<i64>(),
        ))
    }

    fn scaled(&self, wait_ms: i64) -> i64 {
        let length = self.period_end.0 - self.period_start.0;
        if length >= LONG_PERIOD_MS {
            return wait_ms;
        }
        let scaled = i128::from(wait_ms) * i128::from(length) / i128::from(LONG_PERIOD_MS);
        let scaled = i64::try_from(scaled).unwrap_or(wait_ms);
        (scaled - scaled.rem_euclid(1_000)).max(1_000)
    }
}

impl Step {
    /// Moments are whole seconds, so that their milliseconds are free for a mark.
    fn mark(self, period_end: Timestamp) -> Timestamp {
        match self {
            Self::TrialNotice => Timestamp(period_end.0 - 1),
            _ => period_end,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn state(status: Status, start: &str, end: &str) -> State {
        State {
            status,
            period_start: at(start),
            period_end: at(end),
            ends: false,
            attempts: 0,
            noticed: None,
        }
    }

    #[test]
    fn months_keep_the_day_and_come_back_to_it() {
        let anchor = at("2026-01-31T10:00:00Z");
        let ends: Vec<_> = (1..=4).map(|count| after(anchor, "month", count).seconds_text()).collect();
        let expected = [
            "2026-02-28T10:00:00Z",
            "2026-03-31T10:00:00Z",
            "2026-04-30T10:00:00Z",
            "2026-05-31T10:00:00Z",
        ];
        assert_eq!(ends, expected);
        assert_eq!(after(at("2028-02-29T00:00:00Z"), "year", 1), at("2029-02-28T00:00:00Z"));
        assert_eq!(after(anchor, "week", 2), at("2026-02-14T10:00:00Z"));
        assert_eq!(after(anchor, "day", 3), at("2026-02-03T10:00:00Z"));
    }

    #[test]
    fn a_period_is_announced_and_then_ends() {
        let mut active = state(Status::Active, "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z");
        assert_eq!(active.next(), (at("2026-01-25T00:00:00Z"), Step::RenewalNotice));
        active.noticed = Some(active.noticed_after(Step::RenewalNotice));
        assert_eq!(active.next(), (at("2026-02-01T00:00:00Z"), Step::PeriodEnd));
        let ends = State {
            ends: true,
            noticed: None,
            ..active
        };
        assert_eq!(ends.next(), (at("2026-02-01T00:00:00Z"), Step::PeriodEnd));
    }

    #[test]
    fn a_trial_is_announced_twice() {
        let mut trial = state(Status::Trialing, "2026-01-01T00:00:00Z", "2026-01-15T00:00:00Z");
        assert_eq!(trial.next(), (at("2026-01-08T00:00:00Z"), Step::RenewalNotice));
        trial.noticed = Some(trial.noticed_after(Step::RenewalNotice));
        assert_eq!(trial.next(), (at("2026-01-12T00:00:00Z"), Step::TrialNotice));
        trial.noticed = Some(trial.noticed_after(Step::TrialNotice));
        assert_eq!(trial.next(), (at("2026-01-15T00:00:00Z"), Step::PeriodEnd));
        let mut short = state(Status::Trialing, "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z");
        assert_eq!(short.next(), (at("2026-01-01T00:00:00Z"), Step::TrialNotice));
        short.noticed = Some(short.noticed_after(Step::TrialNotice));
        assert_eq!(short.next(), (at("2026-01-01T12:00:00Z"), Step::RenewalNotice));
    }

    #[test]
    fn a_failed_charge_is_tried_three_times_more() {
        let mut late = state(Status::PastDue, "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z");
        let expected = [
            ("2026-02-04T00:00:00Z", Step::Retry),
            ("2026-02-09T00:00:00Z", Step::Retry),
            ("2026-02-16T00:00:00Z", Step::Retry),
            ("2026-03-01T00:00:00Z", Step::PeriodEnd),
        ];
        for (due, step) in expected {
            late.attempts += 1;
            assert_eq!(late.next(), (at(due), step));
        }
    }

    proptest! {
        #[test]
        fn tries_end_within_their_period(length_s in 86_400_i64..=400 * 86_400) {
            let start = at("2026-01-01T00:00:00Z");
            let mut late = State { period_end: Timestamp(start.0 + length_s * 1_000), ..state(Status::PastDue, "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z") };
            let mut tried = start;
            for attempt in 1..=4 {
                late.attempts = attempt;
                let (due, step) = late.next();
                prop_assert!(due > tried && due <= late.period_end);
                prop_assert_eq!(step == Step::Retry, attempt < 4);
                tried = due;
            }
        }

        #[test]
        fn periods_follow_each_other(days in 0_i64..20_000, count in 1_i64..40) {
            let anchor = Timestamp(days * DAY_MS);
            for interval in ["day", "week", "month", "year"] {
                prop_assert!(after(anchor, interval, count) > after(anchor, interval, count - 1));
            }
        }
    }
}
