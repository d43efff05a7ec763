//! Moments as whole milliseconds since the epoch, the form in which every column and message carries them.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::{Add, Sub};
use std::time::Duration;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Milliseconds in a minute, the width of the short rate window.
pub const MINUTE_MS: i64 = 60_000;
/// Milliseconds in a UTC day, the width of the long rate window.
pub const DAY_MS: i64 = 86_400_000;

/// A moment in UTC: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The same moment in whole seconds, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// The moment `seconds` after the epoch.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds * 1000)
    }

    /// Start of the window of `width_ms` this moment lies in, aligned to the epoch.
    pub const fn floor(self, width_ms: i64) -> Self {
        Self(self.0 - self.0.rem_euclid(width_ms))
    }

    /// RFC 3339 with milliseconds and `Z`: `2026-01-10T08:00:00.000Z`.
    pub fn millis_text(self) -> String {
        let mut text = String::with_capacity(24);
        self.push_text(&mut text, true);
        text
    }

    /// RFC 3339 in whole seconds with `Z`: `2026-01-10T08:00:00Z`.
    pub fn seconds_text(self) -> String {
        let mut text = String::with_capacity(24);
        self.push_text(&mut text, false);
        text
    }

    /// Adds one of these two to a text.
    pub(crate) fn push_text(self, out: &mut String, has_millis: bool) {
        let at = self.date_time();
        let year = u32::try_from(at.year()).unwrap_or(0);
        for (number, digits, after) in [
            (year, 4, '-'),
            (u8::from(at.month()).into(), 2, '-'),
            (at.day().into(), 2, 'T'),
            (at.hour().into(), 2, ':'),
            (at.minute().into(), 2, ':'),
        ] {
            push_digits(out, number, digits);
            out.push(after);
        }
        push_digits(out, at.second().into(), 2);
        if has_millis {
            out.push('.');
            push_digits(out, at.millisecond().into(), 3);
        }
        out.push('Z');
    }

    /// The UTC day: `2026-01-10`.
    pub fn day_text(self) -> String {
        let mut text = self.millis_text();
        text.truncate(10);
        text
    }

    /// The UTC month: `2026-01`.
    pub fn month_text(self) -> String {
        let mut text = self.millis_text();
        text.truncate(7);
        text
    }

    /// Reads RFC 3339 with any offset; `None` where it is not that.
    pub fn parse(text: &str) -> Option<Self> {
        let at = OffsetDateTime::parse(text, &Rfc3339).ok()?;
        i64::try_from(at.unix_timestamp_nanos().div_euclid(1_000_000)).ok().map(Self)
    }

    /// The calendar form in UTC; moments outside years 0 to 9999 fall to the epoch.
    pub fn date_time(self) -> OffsetDateTime {
        let millis = u16::try_from(self.0.rem_euclid(1000)).unwrap_or(0);
        OffsetDateTime::from_unix_timestamp(self.seconds())
            .and_then(|at| at.replace_millisecond(millis))
            .ok()
            .filter(|at| at.year() >= 0)
            .unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }

    /// Whole seconds from `now` until this moment, rounded up, never below 0.
    pub fn seconds_from(self, now: Self) -> u64 {
        u64::try_from((self.0 - now.0).max(0)).unwrap_or(0).div_ceil(1000)
    }
}

/// Adds a number's last digits, with zeros before it.
fn push_digits(out: &mut String, number: u32, digits: u32) {
    for place in (0..digits).rev() {
        let digit = number / 10_u32.pow(place) % 10;
        out.push(char::from_digit(digit, 10).unwrap_or('0'));
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;
    fn add(self, by: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX)))
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Self;
    fn sub(self, by: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(by.as_millis()).unwrap_or(i64::MAX)))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.millis_text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_and_reads_both_forms() {
        let at = Timestamp(1_768_032_000_123);
        assert_eq!(at.millis_text(), "2026-01-10T08:00:00.123Z");
        assert_eq!(at.seconds_text(), "2026-01-10T08:00:00Z");
        assert_eq!(Timestamp::parse(&at.millis_text()), Some(at));
        assert_eq!(Timestamp::parse("2026-01-10T09:00:00.123+01:00"), Some(at));
        assert_eq!(Timestamp::parse("yesterday"), None);
    }

    #[test]
    fn moments_of_any_kind_have_a_text() {
        for (at, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
            (253_402_300_800_000, "1970-01-01T00:00:00.000Z"),
            (i64::MAX, "1970-01-01T00:00:00.000Z"),
            (i64::MIN, "1970-01-01T00:00:00.000Z"),
        ] {
            assert_eq!(Timestamp(at).millis_text(), text, "{at}");
        }
    }

    #[test]
    fn windows_are_aligned_to_the_clock_minute_and_the_utc_day() {
        let at = Timestamp::parse("2026-05-19T14:23:14Z").unwrap_or_default();
        assert_eq!(at.floor(MINUTE_MS).seconds_text(), "2026-05-19T14:23:00Z");
        assert_eq!(at.floor(DAY_MS).seconds_text(), "2026-05-19T00:00:00Z");
        assert_eq!(Timestamp(at.floor(MINUTE_MS).0 + MINUTE_MS).seconds_from(at), 46);
    }
}
