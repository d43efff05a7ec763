//! Amounts as a dialect writes them: whole currency (`29.9`) or minor units (`2990`), exact both ways.
//!
//! Nothing here computes with floats: a JSON number is read from its shortest decimal text, which is what the caller
//! typed as long as it has at most 15 significant digits, and more are refused.

use serde::Deserialize;
use serde_json::{Number, Value};

/// In which unit a dialect states catalogue prices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// The smallest unit of the currency: 2900 for 29.00 USD.
    #[default]
    Minor,
    /// Whole currency: 29 for 29.00 USD.
    Major,
}

/// The currencies that can be sold in, upper case, with their number of decimals (ISO 4217).
pub(super) const CURRENCIES: [(&str, u32); 33] = [
    ("USD", 2),
    ("EUR", 2),
    ("GBP", 2),
    ("CAD", 2),
    ("AUD", 2),
    ("JPY", 0),
    ("CHF", 2),
    ("CNY", 2),
    ("SEK", 2),
    ("NOK", 2),
    ("DKK", 2),
    ("PLN", 2),
    ("CZK", 2),
    ("HUF", 2),
    ("RON", 2),
    ("BGN", 2),
    ("HRK", 2),
    ("RUB", 2),
    ("TRY", 2),
    ("BRL", 2),
    ("MXN", 2),
    ("INR", 2),
    ("KRW", 0),
    ("SGD", 2),
    ("HKD", 2),
    ("NZD", 2),
    ("ZAR", 2),
    ("ILS", 2),
    ("THB", 2),
    ("MYR", 2),
    ("PHP", 2),
    ("IDR", 2),
    ("VND", 0),
];

/// Decimals of a currency; 2 for one that is not in the list.
pub(super) fn decimals(currency: &str) -> u32 {
    CURRENCIES
        .iter()
        .find(|(code, _)| code.eq_ignore_ascii_case(currency))
        .map_or(2, |(_, decimals)| *decimals)
}

/// Why a number is no amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoAmount {
    /// Not a plain decimal number, or with too many digits to be exact.
    Unreadable,
    /// More decimals than the currency has.
    TooFine,
}

/// Reads a decimal text in whole currency as minor units.
pub(super) fn minor_from_major(text: &str, decimals: u32) -> Result<i64, NoAmount> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().map_err(|_| NoAmount::Unreadable)?),
        None => (text, 0),
    };
    let (negative, digits) = mantissa.strip_prefix('-').map_or((false, mantissa), |rest| (true, rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
        return Err(NoAmount::Unreadable);
    }
    let fraction = fraction.trim_end_matches('0');
    let joined = format!("{whole}{fraction}");
    if joined.trim_start_matches('0').len() > 15 {
        return Err(NoAmount::Unreadable);
    }
    let value: i64 = joined.parse().map_err(|_| NoAmount::Unreadable)?;
    let places = i32::try_from(fraction.len()).map_err(|_| NoAmount::Unreadable)?;
    let shift = exponent
        .saturating_add(i32::try_from(decimals).unwrap_or(0))
        .saturating_sub(places);
    let minor = if shift >= 0 {
        let factor = 10_i64.checked_pow(shift.unsigned_abs());
        if value == 0 {
            Some(0)
        } else {
            factor.and_then(|factor| value.checked_mul(factor))
        }
        .ok_or(NoAmount::Unreadable)?
    } else {
        let divisor = 10_i64.checked_pow(shift.unsigned_abs()).ok_or(NoAmount::TooFine)?;
        if value % divisor != 0 {
            return Err(NoAmount::TooFine);
        }
        value / divisor
    };
    Ok(if negative { -minor } else { minor })
}

/// Writes minor units in whole currency: an integer where it is one, else the exact decimal.
pub(super) fn major_from_minor(minor: i64, decimals: u32) -> Value {
    let factor = 10_i64.checked_pow(decimals).unwrap_or(1);
    if minor % factor == 0 {
        return Value::from(minor / factor);
    }
    let sign = if minor < 0 { "-" } else { "" };
    let (whole, rest) = (
        minor.unsigned_abs() / factor.unsigned_abs(),
        minor.unsigned_abs() % factor.unsigned_abs(),
    );
    let text = format!("{sign}{whole}.{rest:0width$}", width = decimals as usize);
    text.parse()
        .ok()
        .and_then(Number::from_f64)
        .map_or(Value::from(minor / factor), Value::Number)
}

impl Unit {
    /// Reads an amount in this unit as minor units of the currency.
    pub(super) fn read(self, text: &str, currency: &str) -> Result<i64, NoAmount> {
        match self {
            Self::Minor => minor_from_major(text, 0),
            Self::Major => minor_from_major(text, decimals(currency)),
        }
    }

    /// Writes minor units of the currency in this unit.
    pub(super) fn write(self, minor: i64, currency: &str) -> Value {
        match self {
            Self::Minor => Value::from(minor),
            Self::Major => major_from_minor(minor, decimals(currency)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_exactly_or_refuses() {
        for (text, decimals, expected) in [
            ("29", 2, Ok(2900)),
            ("29.9", 2, Ok(2990)),
            ("29.900", 2, Ok(2990)),
            ("0.07", 2, Ok(7)),
            ("-1.5", 2, Ok(-150)),
            ("1e3", 2, Ok(100_000)),
            ("100.0", 0, Ok(100)),
            ("29.999", 2, Err(NoAmount::TooFine)),
            ("0.5", 0, Err(NoAmount::TooFine)),
            ("1e-9", 2, Err(NoAmount::TooFine)),
            ("1e300", 2, Err(NoAmount::Unreadable)),
            ("9999999999999999", 2, Err(NoAmount::Unreadable)),
            ("ten", 2, Err(NoAmount::Unreadable)),
            ("", 2, Err(NoAmount::Unreadable)),
        ] {
            assert_eq!(minor_from_major(text, decimals), expected, "{text}");
        }
    }

    #[test]
    fn writes_integers_where_it_can() {
        assert_eq!(major_from_minor(2900, 2).to_string(), "29");
        assert_eq!(major_from_minor(2990, 2).to_string(), "29.9");
        assert_eq!(major_from_minor(-7, 2).to_string(), "-0.07");
        assert_eq!(Unit::Major.write(500, "JPY").to_string(), "500");
        assert_eq!(Unit::Minor.write(500, "USD").to_string(), "500");
    }

    proptest! {
        #[test]
        fn there_and_back_is_the_same(minor in -99_999_999_999_i64..99_999_999_999, place in 0_usize..33) {
            let currency = CURRENCIES[place].0;
            for unit in [Unit::Major, Unit::Minor] {
                let written = unit.write(minor, currency).to_string();
                prop_assert_eq!(unit.read(&written, currency), Ok(minor));
            }
        }
    }
}
