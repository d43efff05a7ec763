//! What a product's row says about its sale, typed.

use crate::domain::Timestamp;
use crate::domain::time::DAY_MS;
use crate::store::names::LICENSE_SERVER;
use entities::product::{Model, Status};
use serde_json::Value;

/// A product as something to be sold.
#[derive(Clone, Copy, Debug)]
pub struct Goods<'a>(pub &'a Model);

impl Goods<'_> {
    fn attribute(&self, name: &str) -> Option<&Value> {
        self.0.attributes.get(name).filter(|value| !value.is_null())
    }

    fn flag(&self, name: &str) -> bool {
        self.attribute(name).and_then(Value::as_bool).unwrap_or(false)
    }

    fn number(&self, name: &str) -> Option<i64> {
        self.attribute(name).and_then(Value::as_i64)
    }

    /// Whether it can be bought at `now`: published, and within its window. What the license server does not list is not sold.
    pub fn is_for_sale(&self, now: Timestamp) -> bool {
        if self.0.namespace.as_deref() == Some(LICENSE_SERVER) && !self.0.is_listed {
            return false;
        }
        let from = self.number("available_from_at").is_none_or(|from| from <= now.0);
        let until = self.number("available_until_at").is_none_or(|until| now.0 < until);
        self.0.status == Status::Published && from && until
    }

    /// Whether it is sold by the period.
    pub fn is_subscription(&self) -> bool {
        self.attribute("product_type").and_then(Value::as_str) == Some("subscription")
    }

    /// Whether it stands for its parts.
    pub fn is_bundle(&self) -> bool {
        self.flag("is_bundle")
    }

    /// Whether the buyer says what it costs, and the least of it in minor units.
    pub fn least_custom_minor(&self) -> Option<i64> {
        let least = self.number("custom_price_min_minor").unwrap_or(500);
        self.flag("allow_custom_price").then_some(least)
    }

    /// What it costs at present, `sold` having gone at the sale price so far.
    pub fn price_minor(&self, now: Timestamp, sold: i64) -> i64 {
        self.sale_minor(now, sold).unwrap_or(self.0.price_minor)
    }

    /// The sale price, while it holds.
    pub fn sale_minor(&self, now: Timestamp, sold: i64) -> Option<i64> {
        let price = self.number("sale_price_minor")?;
        let in_time = self.number("sale_price_until_at").is_none_or(|until| now.0 < until);
        let in_stock = self.number("sale_quantity_limit").is_none_or(|limit| sold < limit);
        (in_time && in_stock && price < self.0.price_minor).then_some(price)
    }

    /// What a period of it costs, in minor units.
    pub fn recurring_minor(&self) -> i64 {
        self.number("recurring_price_minor").unwrap_or(self.0.price_minor)
    }

    /// The period: an interval and how many of it.
    pub fn interval(&self) -> (&str, i64) {
        let interval = self.attribute("billing_interval").and_then(Value::as_str).unwrap_or("month");
        (interval, self.number("billing_interval_count").unwrap_or(1))
    }

    /// Days before the first charge.
    pub fn trial_days(&self) -> i64 {
        self.number("trial_days").unwrap_or(0)
    }

    /// How long what was bought may be used.
    pub fn days(&self) -> Option<i64> {
        self.number("auto_grant_duration_days")
    }

    /// Whether the price holds the tax, and the rate in thousandths of a percent; `None` where no tax is known of.
    pub fn tax(&self) -> Option<Tax> {
        if self.flag("vat_exempt") {
            return None;
        }
        let rate = self.attribute("vat_rate")?;
        let is_included = self.attribute("price_includes_vat").and_then(Value::as_bool).unwrap_or(true);
        Some(Tax {
            thousandths: thousandths(&rate.to_string())?,
            is_included,
        })
    }

    /// Whether the tax is waived.
    pub fn is_exempt(&self) -> bool {
        self.flag("vat_exempt")
    }

    /// Whether a buyer may ask for the money back at `now`, having paid at `paid`.
    pub fn is_refundable(&self, paid: Timestamp, now: Timestamp) -> bool {
        let days = self.number("refund_period_days");
        self.flag("is_refundable") && days.is_none_or(|days| now.0 - paid.0 <= days.saturating_mul(DAY_MS))
    }

    /// Where the buyer is sent after paying.
    pub fn success_url(&self) -> Option<&str> {
        self.attribute("success_redirect_url").and_then(Value::as_str)
    }
}

/// A tax on a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tax {
    /// The rate in thousandths of a percent: 19.5 % is 19500.
    pub thousandths: i64,
    /// Whether the price holds it already.
    pub is_included: bool,
}

impl Tax {
    /// Net and tax of a price as it stands in the catalogue, in minor units, half a unit rounded up.
    pub fn split(self, price_minor: i64) -> (i64, i64) {
        let (price, rate) = (i128::from(price_minor), i128::from(self.thousandths));
        let whole = 100_000_i128;
        let divisor = if self.is_included { whole + rate } else { whole };
        let tax = (price * rate * 2 + divisor) / (divisor * 2);
        let tax = i64::try_from(tax).unwrap_or(0);
        if self.is_included {
            (price_minor - tax, tax)
        } else {
            (price_minor, tax)
        }
    }
}

/// Reads a decimal rate as thousandths.
fn thousandths(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let fraction: String = fraction.chars().chain("000".chars()).take(3).collect();
    Some(whole.parse::<i64>().ok()? * 1000 + fraction.parse::<i64>().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rates_are_read_exactly() {
        for (text, expected) in [
            ("23", Some(23_000)),
            ("19.5", Some(19_500)),
            ("7.125", Some(7_125)),
            ("x", None),
        ] {
            assert_eq!(thousandths(text), expected, "{text}");
        }
    }

    #[test]
    fn tax_is_taken_out_of_a_price_or_put_on_it() {
        let included = Tax {
            thousandths: 23_000,
            is_included: true,
        };
        let added = Tax {
            thousandths: 23_000,
            is_included: false,
        };
        assert_eq!(included.split(12_300), (10_000, 2_300));
        assert_eq!(added.split(10_000), (10_000, 2_300));
        assert_eq!(included.split(0), (0, 0));
        assert_eq!(included.split(1), (1, 0));
    }

    proptest! {
        #[test]
        fn net_and_tax_make_the_price(price in 0_i64..1_000_000_000, thousandths in 0_i64..100_000) {
            let (net, tax) = Tax { thousandths, is_included: true }.split(price);
            prop_assert_eq!(net + tax, price);
            prop_assert!(net >= 0 && tax >= 0);
        }
    }
}
