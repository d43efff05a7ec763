//! Pure decisions: orders of the shelf, days of a report.

use super::types::{Browse, Period};
use crate::domain::time::DAY_MS;
use crate::domain::{Error, Result, Timestamp};
use time::{Date, Month};

/// Days of a report that names none.
const DAYS_DEFAULT: i64 = 30;
/// Most days of a report: ten years.
const DAYS_MAX: i64 = 3_660;

/// How the shelf is ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The last published first.
    Newest,
    /// The most sold first, then the most looked at.
    Popular,
    /// The cheapest first.
    Cheapest,
    /// The dearest first.
    Dearest,
    /// The best rated first, then the most rated.
    Rating,
}

/// The order that is asked for; anything unknown is the newest first.
pub fn order(filter: &Browse) -> Order {
    match (filter.sort_by.as_deref(), filter.sort_order.as_deref()) {
        (Some("popularity"), _) => Order::Popular,
        (Some("price_minor"), Some("asc")) => Order::Cheapest,
        (Some("price_minor"), _) => Order::Dearest,
        (Some("avg_rating"), _) => Order::Rating,
        _ => Order::Newest,
    }
}

/// The days of a report, as numbers since the epoch: the first and the one behind the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days {
    /// The first.
    pub from: i64,
    /// The one behind the last.
    pub until: i64,
}

impl Days {
    /// When the first begins.
    pub const fn begin(self) -> i64 {
        self.from * DAY_MS
    }

    /// When the last ends.
    pub const fn end(self) -> i64 {
        self.until * DAY_MS
    }
}

/// The days a period names; bounds go before a length, today is the last where nothing else is said.
///
/// # Errors
/// `Validation` for what is no day, a last day before the first, or too many days.
pub fn days(period: &Period, now: Timestamp) -> Result<Days> {
    let today = now.0.div_euclid(DAY_MS);
    let length = match period.period.as_deref() {
        None => DAYS_DEFAULT,
        Some(text) => length(text).ok_or_else(|| Error::field("period", "period", "period is 7d, 30d or 90d"))?,
    };
    let last = match period.to.as_deref() {
        None => today,
        Some(text) => day(text).ok_or_else(|| Error::field("to", "date", "to is a day as YYYY-MM-DD"))?,
    };
    let from = match period.from.as_deref() {
        None => last - length + 1,
        Some(text) => day(text).ok_or_else(|| Error::field("from", "date", "from is a day as YYYY-MM-DD"))?,
    };
    if from > last {
        return Err(Error::field("to", "range", "to is before from"));
    }
    if last - from >= DAYS_MAX {
        return Err(Error::field("from", "range", "a report spans ten years at most"));
    }
    Ok(Days { from, until: last + 1 })
}

fn length(text: &str) -> Option<i64> {
    let days: i64 = text.strip_suffix('d')?.parse().ok()?;
    (1..=DAYS_MAX).contains(&days).then_some(days)
}

fn day(text: &str) -> Option<i64> {
    let mut parts = text.splitn(3, '-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let fits = (year.len(), month.len(), day.len()) == (4, 2, 2) && text.bytes().filter(u8::is_ascii_digit).count() == 8;
    let month = Month::try_from(month.parse::<u8>().ok()?).ok()?;
    let date = Date::from_calendar_date(year.parse().ok()?, month, day.parse().ok()?).ok()?;
    fits.then(|| date.midnight().assume_utc().unix_timestamp() * 1000 / DAY_MS)
}

/// The text of a day.
pub fn date(day: i64) -> String {
    let mut text = Timestamp(day * DAY_MS).millis_text();
    text.truncate(10);
    text
}

/// Sales of a look.
pub fn conversion(sales: i64, views: i64) -> f64 {
    match views {
        0 => 0.0,
        views => sales as f64 / views as f64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_that_are_named() {
        let now = Timestamp::parse("2026-05-19T14:23:14Z").unwrap();
        let days = |from: Option<&str>, to: Option<&str>, period: Option<&str>| {
            let [from, to, period] = [from, to, period].map(|text| text.map(str::to_owned));
            let days = days(&Period { from, to, period }, now).ok()?;
            Some((date(days.from), date(days.until - 1)))
        };
        let told = |from: &str, to: &str| Some((from.to_owned(), to.to_owned()));
        assert_eq!(days(None, None, None), told("2026-04-20", "2026-05-19"));
        assert_eq!(days(None, None, Some("7d")), told("2026-05-13", "2026-05-19"));
        assert_eq!(days(Some("2026-05-01"), None, None), told("2026-05-01", "2026-05-19"));
        assert_eq!(days(None, Some("2024-02-29"), Some("1d")), told("2024-02-29", "2024-02-29"));
        for (from, to, period) in [
            (Some("2026-05-20"), Some("2026-05-19"), None),
            (Some("2026-5-1"), None, None),
            (Some("2026-02-30"), None, None),
            (Some("yesterday"), None, None),
            (Some("1900-01-01"), None, None),
            (None, None, Some("month")),
            (None, None, Some("0d")),
        ] {
            assert_eq!(days(from, to, period), None, "{from:?} {to:?} {period:?}");
        }
    }

    #[test]
    fn nothing_is_converted_of_no_look() {
        assert_eq!((conversion(3, 0), conversion(1, 4)), (0.0, 0.25));
    }
}
