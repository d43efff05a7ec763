//! Pure decisions about orders: what a payment is called, what it gave, which days a window spans, what adds up to what.

use super::types::RevenueView;
use crate::domain::time::DAY_MS;
use crate::domain::{Error, Result, Timestamp};
use entities::entitlement::{self, Action};
use entities::payment::Status;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Days of a window that names none, today among them.
const DAYS: i64 = 30;

/// What a payment's status is called on an order.
pub fn status_name(status: Status, refunded_minor: i64) -> &'static str {
    match status {
        Status::Refunded => "refunded",
        Status::Disputed => "disputed",
        _ if refunded_minor > 0 => "partially_refunded",
        _ => "paid",
    }
}

/// The payments an order's status means.
pub fn status_of(name: &str) -> Option<Status> {
    match name {
        "paid" => Some(Status::Completed),
        "refunded" => Some(Status::Refunded),
        "disputed" => Some(Status::Disputed),
        _ => None,
    }
}

/// One thing that was given for a cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// What.
    pub product: Uuid,
    /// Since when.
    pub granted_at: i64,
    /// Until when, where it is gone.
    pub revoked_at: Option<i64>,
}

/// What entries of one cause, in their order, amount to: one line for each product, in the order they first came.
pub fn given(entries: &[&entitlement::Model]) -> Vec<Given> {
    let mut all: Vec<Given> = Vec::new();
    for entry in entries {
        let known = all.iter_mut().find(|given| given.product == entry.goods_id);
        match (entry.action, known) {
            (Action::Gave, None) => all.push(Given {
                product: entry.goods_id,
                granted_at: entry.happened_at,
                revoked_at: None,
            }),
            (Action::Gave, Some(given)) => given.revoked_at = None,
            (Action::Took | Action::Expired, Some(given)) => given.revoked_at = Some(entry.happened_at),
            (Action::Took | Action::Expired, None) | (Action::Extended, _) => {}
        }
    }
    all
}

/// Whole days in UTC, both ends among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    from: Timestamp,
    to: Timestamp,
}

impl Window {
    /// Reads a window of days: without an end it ends today, without a start it spans thirty days.
    ///
    /// # Errors
    /// `Validation` for what is no day, and for a start behind the end.
    pub fn read(from: Option<&str>, to: Option<&str>, now: Timestamp) -> Result<Self> {
        let to = match to {
            None => now.floor(DAY_MS),
            Some(text) => day("to", text)?,
        };
        let from = match from {
            None => Timestamp(to.0 - (DAYS - 1) * DAY_MS),
            Some(text) => day("from", text)?,
        };
        if from > to {
            return Err(Error::field("from", "range", "from must not be after to"));
        }
        Ok(Self { from, to })
    }

    /// The first moment that counts.
    pub fn starts_at(self) -> Timestamp {
        self.from
    }

    /// The first moment that no longer counts.
    pub fn ends_before(self) -> Timestamp {
        Timestamp(self.to.0 + DAY_MS)
    }

    /// Both days as they are written.
    pub fn days(self) -> (String, String) {
        let text = |at: Timestamp| at.millis_text().chars().take(10).collect();
        (text(self.from), text(self.to))
    }
}

/// A day, or the day of a moment, in UTC.
fn day(field: &'static str, text: &str) -> Result<Timestamp> {
    let moment = match text.len() {
        10 => format!("{text}T00:00:00Z"),
        _ => text.to_owned(),
    };
    Timestamp::parse(&moment)
        .map(|at| at.floor(DAY_MS))
        .ok_or_else(|| Error::field(field, "date", format!("{field} must be a day such as 2026-01-31")))
}

/// What was paid or went back, added up for one currency.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// ISO 4217 code.
    pub currency: String,
    /// In minor units.
    pub amount_minor: i64,
    /// Of that, fees.
    pub fees_minor: i64,
    /// How many.
    pub count: i64,
}

/// Revenue by currency, the one with most orders first.
pub fn revenue(paid: &[Sum], returned: &[Sum]) -> Vec<RevenueView> {
    let mut all: BTreeMap<&str, RevenueView> = BTreeMap::new();
    for sum in paid {
        let view = all.entry(&sum.currency).or_default();
        (view.gross_minor, view.fees_minor, view.orders) = (sum.amount_minor, sum.fees_minor, sum.count);
        view.net_minor = view.gross_minor - view.fees_minor;
    }
    for sum in returned {
        let view = all.entry(&sum.currency).or_default();
        (view.refunded_minor, view.refunds) = (sum.amount_minor, sum.count);
    }
    let named = |(currency, view): (&str, RevenueView)| RevenueView {
        currency: currency.to_owned(),
        ..view
    };
    let mut views: Vec<RevenueView> = all.into_iter().map(named).collect();
    views.sort_by_key(|view| std::cmp::Reverse((view.orders, view.refunds)));
    views
}

/// A share between 0 and 1, to four places.
pub fn rate(part: i64, whole: i64) -> f64 {
    match whole {
        ..=0 => 0.0,
        // Counts are far below 2^53, so that both are exact.
        whole => (part as f64 / whole as f64 * 10_000.0).round() / 10_000.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_768_032_000_123);

    #[test]
    fn a_window_is_thirty_days_unless_it_says_otherwise() {
        let days = |from, to| Window::read(from, to, NOW).map(Window::days).unwrap();
        let text = |from: &str, to: &str| (from.to_owned(), to.to_owned());
        assert_eq!(days(None, None), text("2025-12-12", "2026-01-10"));
        assert_eq!(days(Some("2026-01-09"), None), text("2026-01-09", "2026-01-10"));
        assert_eq!(days(None, Some("2026-02-01")), text("2026-01-03", "2026-02-01"));
        assert_eq!(
            days(Some("2026-01-09T23:30:00-02:00"), None),
            text("2026-01-10", "2026-01-10")
        );
    }

    #[test]
    fn the_last_day_counts_whole() {
        let window = Window::read(Some("2026-01-10"), Some("2026-01-10"), NOW).unwrap();
        assert_eq!(window.ends_before().0 - window.starts_at().0, DAY_MS);
    }

    #[test]
    fn reversed_and_impossible_days_are_refused() {
        for (from, to) in [
            (Some("2026-01-11"), Some("2026-01-10")),
            (Some("2026-02-30"), None),
            (Some("yesterday"), None),
            (None, Some("2026-1-1")),
            (None, Some("")),
        ] {
            assert!(Window::read(from, to, NOW).is_err(), "{from:?} {to:?}");
        }
    }

    #[test]
    fn currencies_are_never_added_up() {
        let sum = |currency: &str, amount_minor, fees_minor, count| Sum {
            currency: currency.to_owned(),
            amount_minor,
            fees_minor,
            count,
        };
        let views = revenue(&[sum("EUR", 100, 3, 1), sum("USD", 900, 30, 2)], &[sum("GBP", 50, 0, 1)]);
        let told: Vec<_> = views
            .iter()
            .map(|view| (view.currency.as_str(), view.net_minor, view.refunds))
            .collect();
        assert_eq!(told, [("USD", 870, 0), ("EUR", 97, 0), ("GBP", 0, 1)]);
    }

    #[test]
    fn shares_are_between_nothing_and_all() {
        assert_eq!(rate(0, 0).to_bits(), 0.0_f64.to_bits());
        assert_eq!(rate(1, 3).to_string(), "0.3333");
        assert_eq!(rate(2, 2).to_string(), "1");
    }
}
