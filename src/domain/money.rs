//! Currencies and the exact conversion between minor and major units.
//!
//! Amounts are integer minor units everywhere inside. Some contracts write whole currency with decimals; the conversion
//! reads the number's shortest decimal text and never computes with binary fractions.

use serde_json::Number;
use std::fmt;

/// Largest amount either way, in minor units: 15 digits come through a JSON double unharmed, 16 may not.
pub const MINOR_MAX: i64 = 999_999_999_999_999;

/// A currency of the catalogue, by its ISO 4217 code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency(&'static str);

/// The 33 currencies of the Sellf contract §1.10, in its order.
const CODES: [&str; 33] = [
    "USD", "EUR", "GBP", "CAD", "AUD", "JPY", "CHF", "CNY", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "RON", "BGN", "HRK", "RUB",
    "TRY", "BRL", "MXN", "INR", "KRW", "SGD", "HKD", "NZD", "ZAR", "ILS", "THB", "MYR", "PHP", "IDR", "VND",
];

impl Currency {
    /// US dollars, the default of the contracts that have one.
    pub const USD: Self = Self("USD");

    /// Every currency there is, in catalogue order.
    pub fn all() -> impl Iterator<Item = Self> {
        CODES.into_iter().map(Self)
    }

    /// Reads a code in any case.
    pub fn parse(code: &str) -> Option<Self> {
        CODES.into_iter().find(|known| known.eq_ignore_ascii_case(code)).map(Self)
    }

    /// The code in upper case.
    pub const fn code(self) -> &'static str {
        self.0
    }

    /// Decimals of its minor unit.
    pub fn exponent(self) -> u32 {
        exponent(self.0)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// Decimals of a currency's minor unit, in the catalogue or not: a payment may have been booked in any. ISO 4217 but for
/// `ISK` and `UGX`, whose amounts Stripe states in hundredths.
pub fn exponent(code: &str) -> u32 {
    const NONE: [&str; 15] = [
        "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF",
    ];
    const THREE: [&str; 7] = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"];
    let is_of = |codes: &[&str]| codes.iter().any(|known| known.eq_ignore_ascii_case(code));
    if is_of(&NONE) {
        0
    } else if is_of(&THREE) {
        3
    } else {
        2
    }
}

/// Why a number is no amount of a currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// It has more decimals than the currency.
    #[error("has more decimal places than the currency")]
    TooPrecise,
    /// It is beyond `MINOR_MAX`.
    #[error("is too large")]
    OutOfRange,
}

/// Turns whole currency (`29.9`) into minor units (`2990`), exactly.
pub fn to_minor(major: &Number, currency: Currency) -> Result<i64, MoneyError> {
    decimal_to_minor(&major.to_string(), currency.exponent())
}

/// Reads an amount that is stated in minor units already; anything but a whole number is `TooPrecise`.
pub fn whole(minor: &Number) -> Result<i64, MoneyError> {
    decimal_to_minor(&minor.to_string(), 0)
}

/// Turns minor units into whole currency: a whole number where nothing is left over, else the shortest decimal.
///
/// Exact up to `MINOR_MAX`; beyond it the nearest double.
pub fn to_major(minor: i64, currency: &str) -> Number {
    let scale = 10_i64.pow(exponent(currency));
    if minor % scale == 0 {
        return Number::from(minor / scale);
    }
    // Parsing the decimal text gives the double nearest to it; dividing would too, but only by luck of rounding once.
    let nearest = to_major_text(minor, currency).parse().ok().and_then(Number::from_f64);
    nearest.unwrap_or_else(|| Number::from(minor / scale))
}

/// Writes minor units as whole currency with all its decimals: `29.90`, `500`.
pub fn to_major_text(minor: i64, currency: &str) -> String {
    let exponent = exponent(currency);
    let scale = 10_u64.pow(exponent);
    let sign = if minor < 0 { "-" } else { "" };
    let (whole, rest) = (minor.unsigned_abs() / scale, minor.unsigned_abs() % scale);
    match exponent {
        0 => format!("{sign}{whole}"),
        _ => format!("{sign}{whole}.{rest:0width$}", width = exponent as usize),
    }
}

/// An amount as people read it, with its currency: `29.90 EUR`, `500 JPY`.
pub fn price(minor: i64, currency: &str) -> String {
    format!("{} {}", to_major_text(minor, currency), currency.to_ascii_uppercase())
}

/// Reads JSON's decimal text: sign, digits, fraction, exponent.
fn decimal_to_minor(text: &str, exponent: u32) -> Result<i64, MoneyError> {
    let (mantissa, power) = match text.split_once(['e', 'E']) {
        Some((mantissa, power)) => (mantissa, power.parse::<i32>().map_err(|_| MoneyError::OutOfRange)?),
        None => (text, 0),
    };
    let (is_negative, digits) = match mantissa.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, mantissa),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let fraction = fraction.trim_end_matches('0');
    let all = format!("{whole}{fraction}");
    let significant = all.trim_start_matches('0');
    if significant.is_empty() {
        return Ok(0);
    }
    // The amount is `significant` times ten to this power.
    let shift = i64::from(power) + i64::from(exponent) - i64::try_from(fraction.len()).unwrap_or(i64::MAX);
    let trimmed = significant.trim_end_matches('0');
    let shift = shift + i64::try_from(significant.len() - trimmed.len()).unwrap_or(0);
    if shift < 0 {
        return Err(MoneyError::TooPrecise);
    }
    let scale = u32::try_from(shift).ok().and_then(|shift| 10_i64.checked_pow(shift));
    let minor = trimmed
        .parse::<i64>()
        .ok()
        .zip(scale)
        .and_then(|(digits, scale)| digits.checked_mul(scale));
    match minor {
        Some(minor) if minor <= MINOR_MAX => Ok(if is_negative { -minor } else { minor }),
        _ => Err(MoneyError::OutOfRange),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    fn number(text: &str) -> Number {
        match serde_json::from_str(text).unwrap() {
            Value::Number(number) => number,
            other => panic!("{other} is no number"),
        }
    }

    fn currency(code: &str) -> Currency {
        Currency::parse(code).unwrap()
    }

    #[test]
    fn the_catalogue_has_thirty_three_currencies_in_any_case() {
        assert_eq!(Currency::all().count(), 33);
        assert_eq!(currency("pln").code(), "PLN");
        assert_eq!(Currency::parse("XXX"), None);
        assert_eq!(currency("JPY").exponent(), 0);
        assert_eq!(currency("HUF").exponent(), 2);
    }

    #[test]
    fn major_numbers_are_read_exactly() {
        let table = [
            ("USD", "29", Ok(2900)),
            ("USD", "29.0", Ok(2900)),
            ("USD", "29.9", Ok(2990)),
            ("USD", "0.07", Ok(7)),
            ("USD", "1.1", Ok(110)),
            ("USD", "8.41", Ok(841)),
            ("USD", "-3.05", Ok(-305)),
            ("USD", "0", Ok(0)),
            ("USD", "-0.0", Ok(0)),
            ("USD", "999999.99", Ok(99_999_999)),
            ("USD", "1e3", Ok(100_000)),
            ("USD", "1.5e-1", Ok(15)),
            ("USD", "0.001", Err(MoneyError::TooPrecise)),
            ("USD", "1e-7", Err(MoneyError::TooPrecise)),
            ("USD", "1e300", Err(MoneyError::OutOfRange)),
            ("USD", "18446744073709551615", Err(MoneyError::OutOfRange)),
            ("USD", "9999999999999.99", Ok(MINOR_MAX)),
            ("USD", "10000000000000", Err(MoneyError::OutOfRange)),
            ("JPY", "500", Ok(500)),
            ("JPY", "500.0", Ok(500)),
            ("JPY", "500.5", Err(MoneyError::TooPrecise)),
        ];
        for (code, text, expected) in table {
            assert_eq!(to_minor(&number(text), currency(code)), expected, "{text} {code}");
        }
    }

    #[test]
    fn whole_amounts_are_written_as_integers() {
        assert_eq!(to_major(2900, "USD").to_string(), "29");
        assert_eq!(to_major(2990, "USD").to_string(), "29.9");
        assert_eq!(to_major(-7, "USD").to_string(), "-0.07");
        assert_eq!(to_major(500, "JPY").to_string(), "500");
        assert_eq!(to_major(1500, "KWD").to_string(), "1.5");
        assert_eq!(to_major_text(2990, "USD"), "29.90");
        assert_eq!(to_major_text(-7, "USD"), "-0.07");
        assert_eq!(to_major_text(500, "JPY"), "500");
        assert_eq!(to_major_text(i64::MIN, "USD"), "-92233720368547758.08");
    }

    #[test]
    fn prices_are_written_with_all_decimals_of_their_currency() {
        let table = [
            (0, "USD", "0.00 USD"),
            (5, "eur", "0.05 EUR"),
            (2990, "EUR", "29.90 EUR"),
            (-2990, "EUR", "-29.90 EUR"),
            (-7, "USD", "-0.07 USD"),
            (500, "JPY", "500 JPY"),
            (-500, "jpy", "-500 JPY"),
            (500, "CLP", "500 CLP"),
            (1500, "KWD", "1.500 KWD"),
            (7, "BHD", "0.007 BHD"),
            (-1007, "TND", "-1.007 TND"),
            (1234, "XXX", "12.34 XXX"),
            (i64::MAX, "JPY", "9223372036854775807 JPY"),
        ];
        for (minor, code, text) in table {
            assert_eq!(price(minor, code), text);
        }
    }

    proptest! {
        #[test]
        fn every_amount_comes_back(minor in -MINOR_MAX..=MINOR_MAX, at in 0_usize..33) {
            let currency = Currency(CODES[at]);
            prop_assert_eq!(to_minor(&to_major(minor, currency.code()), currency), Ok(minor));
        }

        #[test]
        fn any_number_is_read_without_harm(major: f64, at in 0_usize..33) {
            if let Some(major) = Number::from_f64(major) {
                let _ = to_minor(&major, Currency(CODES[at]));
            }
        }
    }
}
