//! Routes on their way out: since when they are deprecated (RFC 9745) and when they will end (RFC 8594).

use crate::domain::Timestamp;
use crate::domain::time::DAY_MS;
use actix_web::http::header::HttpDate;
use std::time::{Duration, UNIX_EPOCH};

/// A calendar day in UTC, as (year, month, day).
pub type Day = (i64, i64, i64);

/// When a route was marked deprecated and when it will end, both at the start of a UTC day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deprecation {
    /// The first day on which nobody new should use it.
    pub since: Timestamp,
    /// The first day on which it may be gone.
    pub sunset: Timestamp,
}

impl Deprecation {
    /// Marks a route as deprecated `since` a day, to end at another.
    #[must_use]
    pub const fn between(since: Day, sunset: Day) -> Self {
        Self {
            since: start_of(since),
            sunset: start_of(sunset),
        }
    }

    /// The headers that tell a client: a structured date of seconds, and an HTTP date.
    pub fn headers(&self) -> [(&'static str, String); 2] {
        let seconds = u64::try_from(self.sunset.seconds()).unwrap_or(0);
        let sunset = HttpDate::from(UNIX_EPOCH + Duration::from_secs(seconds));
        [
            ("Deprecation", format!("@{}", self.since.seconds())),
            ("Sunset", sunset.to_string()),
        ]
    }
}

/// Days from the epoch by counting years from March, which puts the leap day last.
const fn start_of((year, month, day): Day) -> Timestamp {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Timestamp((era * 146_097 + day_of_era - 719_468) * DAY_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_the_calendar_s() {
        assert_eq!(start_of((1970, 1, 1)), Timestamp(0));
        assert_eq!(start_of((2024, 2, 29)).seconds_text(), "2024-02-29T00:00:00Z");
        assert_eq!(start_of((2026, 12, 31)).seconds_text(), "2026-12-31T00:00:00Z");
        assert_eq!(start_of((2100, 3, 1)).seconds_text(), "2100-03-01T00:00:00Z");
    }

    #[test]
    fn headers_have_the_two_forms_their_standards_ask_for() {
        let headers = Deprecation::between((2026, 1, 1), (2026, 7, 1)).headers();
        assert_eq!(headers[0], ("Deprecation", "@1767225600".to_owned()));
        assert_eq!(headers[1], ("Sunset", "Wed, 01 Jul 2026 00:00:00 GMT".to_owned()));
    }
}
