//! Pure decisions about reports: which days, which parts, which percentages.

use super::types::AskRevenue;
use crate::domain::time::DAY_MS;
use crate::domain::{Error, Result, Timestamp};
use std::ops::RangeInclusive;

/// Parts of one report at most; more would be a file, not a report.
const PARTS_MAX: i64 = 4_000;
/// Days of a week.
const WEEK: i64 = 7;

/// How a report is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// By the UTC day.
    Day,
    /// By weeks from Sunday.
    Week,
    /// By calendar months.
    Month,
}

impl Cut {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    /// The first day of the part a day is in.
    pub fn first(self, day: i64) -> i64 {
        match self {
            Self::Day => day,
            Self::Week => sunday(day),
            Self::Month => month(day),
        }
    }

    /// The first day of the part after the one that begins on this day.
    pub fn next(self, first: i64) -> i64 {
        match self {
            Self::Day => first + 1,
            Self::Week => first + WEEK,
            // Far enough into the next month from any first day.
            Self::Month => month(first + 31),
        }
    }

    /// What a part is called.
    pub fn label(self, first: i64) -> String {
        let at = Timestamp(first * DAY_MS);
        if self == Self::Month { at.month_text() } else { at.day_text() }
    }
}

/// The day a moment is in, counted from the epoch.
pub fn day_of(at: Timestamp) -> i64 {
    at.0.div_euclid(DAY_MS)
}

/// The Sunday that begins the week of a day.
pub fn sunday(day: i64) -> i64 {
    // The epoch was a Thursday: the fourth day after Sunday.
    day - (day + 4).rem_euclid(WEEK)
}

/// The first day of a day's month.
pub fn month(day: i64) -> i64 {
    day + 1 - i64::from(Timestamp(day * DAY_MS).date_time().day())
}

/// The first day of a named period that ends on `last`; none for all time. A name nobody knows is a month.
pub fn period_start(period: &str, last: i64) -> Option<i64> {
    let date = Timestamp(last * DAY_MS).date_time();
    Some(match period {
        "all" => return None,
        "day" => last,
        "week" => sunday(last),
        "year" => last + 1 - i64::from(date.ordinal()),
        "quarter" => {
            let months = (u8::from(date.month()) - 1) % 3;
            (0..months).fold(month(last), |first, _| month(first - 1))
        }
        _ => month(last),
    })
}

/// The name of a period as it is understood.
pub fn period_name(period: &str) -> &str {
    match period {
        "day" | "week" | "quarter" | "year" | "all" => period,
        _ => "month",
    }
}

/// How a period is cut where nobody says otherwise.
pub fn cut_of(period: &str, asked: Option<&str>) -> Cut {
    match (asked, period) {
        (Some("day"), _) => Cut::Day,
        (Some("week"), _) => Cut::Week,
        (Some("month"), _) => Cut::Month,
        (_, "quarter") => Cut::Week,
        (_, "year" | "all") => Cut::Month,
        _ => Cut::Day,
    }
}

/// The days a report is about; without a first one from the first sale on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    /// First day.
    pub first: Option<i64>,
    /// Last day, which is in it.
    pub last: i64,
}

impl Range {
    /// As many days, up to the first one.
    pub fn before(&self) -> Option<RangeInclusive<i64>> {
        let first = self.first?;
        Some(first - (self.last - first + 1)..=first - 1)
    }
}

/// The days that are asked for; dates go before the period.
///
/// # Errors
/// `Malformed` for a date that is none, and for a last day before the first.
pub fn range(asked: &AskRevenue, now: Timestamp) -> Result<Range> {
    let last = match &asked.end_date {
        Some(text) => date("end_date", text)?,
        None => day_of(now),
    };
    let first = match &asked.start_date {
        Some(text) => Some(date("start_date", text)?),
        None => period_start(&asked.period, last),
    };
    if first.is_some_and(|first| first > last) {
        return Err(Error::malformed("start_date must not be after end_date."));
    }
    Ok(Range { first, last })
}

/// Reads a day, or the UTC day of a moment.
fn date(field: &'static str, text: &str) -> Result<i64> {
    let text = text.trim();
    let moment = if text.len() == 10 {
        Timestamp::parse(&format!("{text}T00:00:00Z"))
    } else {
        Timestamp::parse(text)
    };
    moment
        .map(day_of)
        .ok_or_else(|| Error::malformed(format!("{field} must be a date such as 2026-01-31.")))
}

/// The first days of the parts of a range.
///
/// # Errors
/// `Malformed` for more of them than a report may have.
pub fn parts(cut: Cut, days: RangeInclusive<i64>) -> Result<Vec<i64>> {
    let (from, to) = days.into_inner();
    if cut == Cut::Day && to - from >= PARTS_MAX || to - from >= PARTS_MAX * WEEK {
        return Err(Error::malformed("The dates are too far apart; use a coarser group_by."));
    }
    let mut parts = Vec::new();
    let mut first = cut.first(from);
    while first <= to {
        parts.push(first);
        first = cut.next(first);
    }
    Ok(parts)
}

/// How much one number is more than another, in percent to two decimals; 100 where it grew from nothing.
pub fn change_percent(before: i64, now: i64) -> f64 {
    match (before, now) {
        (0, 0) => 0.0,
        (0, _) => 100.0,
        _ => rounded((now - before) as f64 * 100.0 / before as f64),
    }
}

/// What a part is of a whole, in percent to two decimals.
pub fn share_percent(part: i64, whole: i64) -> f64 {
    match whole {
        0 => 0.0,
        _ => rounded(part as f64 * 100.0 / whole as f64),
    }
}

fn rounded(percent: f64) -> f64 {
    (percent * 100.0).round() / 100.0
}

/// One of so many equal parts, to the nearest minor unit.
pub fn average(total: i64, count: i64) -> i64 {
    if count == 0 {
        return 0;
    }
    (total + count / 2).div_euclid(count)
}

/// The first moment of a day, as text.
pub fn start_text(day: i64) -> String {
    Timestamp(day * DAY_MS).millis_text()
}

/// The last moment of a day, as text.
pub fn end_text(day: i64) -> String {
    Timestamp((day + 1) * DAY_MS - 1).millis_text()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> i64 {
        date("x", text).unwrap()
    }

    fn asked(period: &str, start: Option<&str>, end: Option<&str>) -> AskRevenue {
        AskRevenue {
            period: period.to_owned(),
            start_date: start.map(str::to_owned),
            end_date: end.map(str::to_owned),
            ..AskRevenue::default()
        }
    }

    #[test]
    fn periods_begin_where_the_calendar_says() {
        // A Tuesday.
        let last = day("2026-05-19");
        for (period, expected) in [
            ("day", Some("2026-05-19")),
            ("week", Some("2026-05-17")),
            ("month", Some("2026-05-01")),
            ("quarter", Some("2026-04-01")),
            ("year", Some("2026-01-01")),
            ("all", None),
            ("fortnight", Some("2026-05-01")),
        ] {
            assert_eq!(period_start(period, last), expected.map(day), "{period}");
        }
        assert_eq!(sunday(day("2026-05-17")), day("2026-05-17"));
        assert_eq!(sunday(day("2026-05-16")), day("2026-05-10"));
        assert_eq!(period_start("quarter", day("2024-02-29")), Some(day("2024-01-01")));
    }

    #[test]
    fn ranges_are_read_or_refused() {
        let now = Timestamp::parse("2026-05-19T14:00:00Z").unwrap();
        let read = range(&asked("month", Some("2026-03-01"), Some("2026-03-31T23:59:59Z")), now).unwrap();
        assert_eq!((read.first, read.last), (Some(day("2026-03-01")), day("2026-03-31")));
        assert_eq!(read.before(), Some(day("2026-01-29")..=day("2026-02-28")));
        for (start, end) in [
            (Some("soon"), None),
            (None, Some("2026-13-01")),
            (Some("2026-05-02"), Some("2026-05-01")),
        ] {
            assert!(range(&asked("month", start, end), now).is_err(), "{start:?} {end:?}");
        }
        assert_eq!(range(&asked("all", None, None), now).unwrap().before(), None);
    }

    #[test]
    fn parts_cover_a_range_without_gaps() {
        let parts_of = |cut, from, to| -> Vec<String> {
            let parts = parts(cut, day(from)..=day(to)).unwrap();
            parts.into_iter().map(|first| cut.label(first)).collect()
        };
        assert_eq!(
            parts_of(Cut::Day, "2026-02-27", "2026-03-01"),
            ["2026-02-27", "2026-02-28", "2026-03-01"]
        );
        assert_eq!(parts_of(Cut::Week, "2026-05-19", "2026-05-25"), ["2026-05-17", "2026-05-24"]);
        assert_eq!(
            parts_of(Cut::Month, "2025-11-30", "2026-02-01"),
            ["2025-11", "2025-12", "2026-01", "2026-02"]
        );
        assert!(parts(Cut::Day, day("1970-01-01")..=day("2026-01-01")).is_err());
    }

    #[test]
    fn percentages_have_two_decimals_and_no_infinity() {
        assert_eq!(change_percent(0, 0), 0.0);
        assert_eq!(change_percent(0, 5), 100.0);
        assert_eq!(change_percent(300, 400), 33.33);
        assert_eq!(change_percent(400, 0), -100.0);
        assert_eq!(share_percent(1, 3), 33.33);
        assert_eq!((average(5, 2), average(4, 3), average(0, 0)), (3, 1, 0));
    }

    proptest! {
        #[test]
        fn every_day_is_in_exactly_one_part(from in -1_000_i64..30_000, length in 0_i64..800, at in 0_i64..800) {
            let to = from + length;
            let day = from + at.min(length);
            for cut in [Cut::Day, Cut::Week, Cut::Month] {
                let parts = parts(cut, from..=to).unwrap();
                prop_assert_eq!(parts.iter().filter(|first| cut.first(day) == **first).count(), 1);
                prop_assert!(parts.windows(2).all(|pair| cut.next(pair[0]) == pair[1]));
            }
        }
    }
}
