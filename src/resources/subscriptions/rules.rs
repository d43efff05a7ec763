//! Pure decisions about subscriptions.

use super::types::SubscribedProduct;
use crate::domain::stripe::PriceSeen;
use entities::product;
use entities::subscription::{Model, Status};
use serde_json::Value;
use uuid::Uuid;

/// The terms a product is subscribed to by, as the catalogue has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// What a period costs.
    pub price_minor: i64,
    /// `day`, `week`, `month`, `year`.
    pub interval: String,
    /// Intervals in a period.
    pub interval_count: i64,
    /// Days before the first charge.
    pub trial_days: i64,
}

impl Terms {
    /// The terms of a product; `None` where it is not sold by the period.
    pub fn of(product: &product::Model) -> Option<Self> {
        let attribute = |name: &str| product.attributes.get(name);
        let number = |name: &str| attribute(name).and_then(Value::as_i64);
        let is_subscription = attribute("product_type").and_then(Value::as_str) == Some("subscription");
        is_subscription.then(|| Self {
            price_minor: number("recurring_price_minor").unwrap_or(product.price_minor),
            interval: attribute("billing_interval")
                .and_then(Value::as_str)
                .unwrap_or("month")
                .to_owned(),
            interval_count: number("billing_interval_count").unwrap_or(1).max(1),
            trial_days: number("trial_days").unwrap_or(0).max(0),
        })
    }

    /// The terms of what was begun at the provider by hand, which it keeps itself.
    pub fn untold() -> Self {
        Self {
            price_minor: 0,
            interval: "month".to_owned(),
            interval_count: 1,
            trial_days: 0,
        }
    }
}

/// The product as events tell of it, with what it costs now; what it was subscribed for stands in the subscription.
pub(super) fn subscribed(product: &product::Model, row: &Model) -> SubscribedProduct {
    let terms = Terms::of(product);
    let (price, interval, count) = match terms {
        Some(terms) => (terms.price_minor, terms.interval, terms.interval_count),
        None => (row.price_minor, row.billing_interval.clone(), row.billing_interval_count),
    };
    SubscribedProduct {
        id: product.id,
        name: product.name.clone(),
        slug: product.slug.clone(),
        currency: product.currency.clone(),
        recurring_price_minor: price,
        billing_interval: interval,
        billing_interval_count: count,
    }
}

/// What a period has to cost at least: what the checkout asked for, else what the catalogue says.
pub(super) fn expected_minor(terms: &Terms, lines: Option<&Value>, product: Uuid) -> i64 {
    let product = product.to_string();
    let lines = lines.and_then(Value::as_array);
    let line = lines
        .into_iter()
        .flatten()
        .find(|line| line.get("product").and_then(Value::as_str) == Some(product.as_str()));
    let asked = line.and_then(|line| line.get("total_minor")).and_then(Value::as_i64);
    asked.unwrap_or(terms.price_minor)
}

/// Whether the lines of a checkout are more than the subscription itself.
pub(super) fn has_more(lines: &Value) -> bool {
    lines.as_array().is_some_and(|lines| lines.len() > 1)
}

/// Whether a price that a provider tells of is the one that was asked for; one it does not tell of is.
pub(super) fn is_priced(price: &PriceSeen, expected_minor: i64, currency: &str) -> bool {
    let amount = price.amount_minor.is_none_or(|amount| amount >= expected_minor);
    let same = price
        .currency
        .as_deref()
        .is_none_or(|told| told.eq_ignore_ascii_case(currency));
    amount && same
}

/// What a status means for the access that rests on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is given.
    Gives,
    /// It stays as it is.
    Leaves,
    /// It is taken.
    Takes,
}

pub(super) fn standing(status: Status) -> Standing {
    match status {
        Status::Trialing | Status::Active => Standing::Gives,
        Status::Canceled | Status::Unpaid | Status::IncompleteExpired => Standing::Takes,
        Status::Incomplete | Status::PastDue | Status::Paused => Standing::Leaves,
    }
}

/// Whether it is over for good.
pub(super) fn is_over(row: &Model) -> bool {
    row.closed_at.is_some() || matches!(row.status, Status::Canceled | Status::IncompleteExpired)
}

/// What a status becomes when an invoice is paid, or its payment fails.
pub(super) fn after_invoice(status: Status, is_paid: bool) -> Status {
    match (status, is_paid) {
        (Status::Incomplete | Status::PastDue | Status::Unpaid, true) => Status::Active,
        (Status::Active, false) => Status::PastDue,
        _ => status,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn price(amount: Option<i64>, currency: Option<&str>) -> PriceSeen {
        PriceSeen {
            amount_minor: amount,
            currency: currency.map(str::to_owned),
            ..PriceSeen::default()
        }
    }

    #[test]
    fn a_price_that_was_tampered_with_is_refused() {
        assert!(is_priced(&price(Some(995), Some("usd")), 995, "USD"));
        assert!(is_priced(&price(Some(1184), Some("USD")), 995, "USD"));
        assert!(is_priced(&price(None, None), 995, "USD"));
        assert!(!is_priced(&price(Some(1), Some("USD")), 995, "USD"));
        assert!(!is_priced(&price(Some(995), Some("VND")), 995, "USD"));
    }

    #[test]
    fn a_discount_of_the_checkout_lowers_what_is_expected() {
        let terms = Terms {
            price_minor: 995,
            interval: "month".into(),
            interval_count: 1,
            trial_days: 0,
        };
        let product = Uuid::from_u128(7);
        let lines = json!([{"product": Uuid::from_u128(8), "total_minor": 100}, {"product": product, "total_minor": 500}]);
        assert_eq!(expected_minor(&terms, Some(&lines), product), 500);
        assert_eq!(expected_minor(&terms, None, product), 995);
        assert_eq!(expected_minor(&terms, Some(&json!("?")), product), 995);
    }

    #[test]
    fn a_failed_charge_keeps_access_and_an_unpaid_subscription_does_not() {
        assert_eq!(standing(Status::PastDue), Standing::Leaves);
        assert_eq!(standing(Status::Unpaid), Standing::Takes);
        assert_eq!(after_invoice(Status::Active, false), Status::PastDue);
        assert_eq!(after_invoice(Status::Trialing, false), Status::Trialing);
        assert_eq!(after_invoice(Status::PastDue, true), Status::Active);
        assert_eq!(after_invoice(Status::Canceled, true), Status::Canceled);
    }
}
