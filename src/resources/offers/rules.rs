//! Discounts: what they say, what is stored of them, what they make of a price.

use crate::domain::money::{self, Currency};
use entities::one_time_offer::Model;
use serde_json::{Number, Value};

/// Hundredths of a per cent that are everything.
const WHOLE: i64 = 10_000;

/// What is taken off a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Discount {
    /// Hundredths of a per cent.
    Percentage(i64),
    /// Minor units of the product's currency.
    Fixed(i64),
}

impl Discount {
    /// A discount as it is stored.
    pub fn stored(kind: &str, value: i64) -> Self {
        match kind {
            "fixed" => Self::Fixed(value),
            _ => Self::Percentage(value),
        }
    }

    /// What an offer takes off.
    pub fn of(row: &Model) -> Self {
        Self::stored(&row.discount_type, row.discount_value)
    }

    /// What an offer takes off for whoever declined the first.
    pub fn of_downsell(row: &Model) -> Option<Self> {
        let kind = row.downsell_discount_type.as_deref()?;
        Some(Self::stored(kind, row.downsell_discount_value?))
    }

    /// A percentage from the number of per cent; `None` outside 0 to 100 and beyond two decimals.
    pub fn per_cent(number: &Number) -> Option<Self> {
        let hundredths = money::to_minor(number, Currency::USD).ok()?;
        (0..=WHOLE).contains(&hundredths).then_some(Self::Percentage(hundredths))
    }

    /// Its name.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Percentage(_) => "percentage",
            Self::Fixed(_) => "fixed",
        }
    }

    /// The number that is stored.
    pub const fn value(self) -> i64 {
        match self {
            Self::Percentage(value) | Self::Fixed(value) => value,
        }
    }

    /// Per cent, a whole number where nothing is left over.
    pub fn percent(self) -> Option<Value> {
        match self {
            // Hundredths of a per cent, as cents are of a dollar.
            Self::Percentage(hundredths) => Some(Value::Number(money::to_major(hundredths, Currency::USD.code()))),
            Self::Fixed(_) => None,
        }
    }

    /// The amount, where it is one.
    pub const fn fixed_minor(self) -> Option<i64> {
        match self {
            Self::Fixed(minor) => Some(minor),
            Self::Percentage(_) => None,
        }
    }

    /// What is left of a price, never less than nothing; half a minor unit is the buyer's.
    pub fn applied(self, price_minor: i64) -> i64 {
        let off = match self {
            Self::Fixed(minor) => minor,
            Self::Percentage(hundredths) => {
                let off = (i128::from(price_minor) * i128::from(hundredths) + i128::from(WHOLE / 2)) / i128::from(WHOLE);
                i64::try_from(off).unwrap_or(price_minor)
            }
        };
        price_minor.saturating_sub(off).max(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn number(value: Value) -> Number {
        match value {
            Value::Number(number) => number,
            other => panic!("{other}"),
        }
    }

    #[test]
    fn percentages_have_two_decimals_and_come_back_as_they_went_in() {
        for sent in [json!(0), json!(20), json!(12.5), json!(33.33), json!(100)] {
            let read = Discount::per_cent(&number(sent.clone())).unwrap();
            assert_eq!(read.percent(), Some(sent));
        }
        for sent in [json!(-1), json!(100.01), json!(12.345)] {
            assert_eq!(Discount::per_cent(&number(sent)), None);
        }
    }

    #[test]
    fn a_discount_never_makes_a_price_negative() {
        assert_eq!(Discount::Percentage(2_000).applied(1_999), 1_599);
        assert_eq!(Discount::Percentage(10_000).applied(1_999), 0);
        assert_eq!(Discount::Fixed(500).applied(1_999), 1_499);
        assert_eq!(Discount::Fixed(5_000).applied(1_999), 0);
        assert!(Discount::Percentage(3_333).applied(i64::MAX) > 0);
    }
}
