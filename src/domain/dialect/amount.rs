//! The unit in which a dialect writes catalogue prices: whole currency (`29.9`) or minor units (`2990`).

use super::Dialect;
use crate::domain::money::{self, Currency, MoneyError};
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

impl Unit {
    /// Reads an amount in this unit as minor units of the currency.
    pub(super) fn read(self, amount: &Number, currency: Currency) -> Result<i64, MoneyError> {
        match self {
            Self::Minor => money::whole(amount),
            Self::Major => money::to_minor(amount, currency),
        }
    }

    /// Writes minor units of the currency in this unit.
    pub(super) fn write(self, minor: i64, currency: &str) -> Value {
        match self {
            Self::Minor => minor.into(),
            Self::Major => Value::Number(money::to_major(minor, currency)),
        }
    }
}

impl Dialect {
    /// Reads an amount as catalogue prices of a currency are written here, as minor units.
    ///
    /// # Errors
    /// Where it has more decimals than the currency, or too many digits.
    pub fn catalogue_minor(&self, amount: &Number, currency: Currency) -> Result<i64, MoneyError> {
        self.money.catalog.read(amount, currency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn there_and_back_is_the_same(minor in -99_999_999_999_i64..99_999_999_999, place in 0_usize..33) {
            let currency = Currency::all().nth(place).unwrap();
            for unit in [Unit::Major, Unit::Minor] {
                let Value::Number(written) = unit.write(minor, currency.code()) else { unreachable!() };
                prop_assert_eq!(unit.read(&written, currency), Ok(minor));
            }
        }
    }
}
