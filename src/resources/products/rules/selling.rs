//! What must hold together in a product: dates, billing, prices, templates; and what a change of currency means.

use super::super::types::UpdateProduct;
use super::content;
use crate::domain::money::exponent;
use crate::domain::time::DAY_MS;
use crate::domain::{Error, FieldError, Result, Timestamp};
use entities::product::Model;
use serde_json::{Map, Value};
use std::borrow::Cow;

/// The earliest moment a product's dates may name: 2020-01-01T00:00:00Z.
const EARLIEST: Timestamp = Timestamp(1_577_836_800_000);
/// How far ahead they may lie: ten years.
const AHEAD_MS: i64 = 3_653 * DAY_MS;
/// Members that hold a moment.
const DATES: [&str; 3] = ["available_from_at", "available_until_at", "sale_price_until_at"];
/// Members that only a subscription has.
const BILLING: [&str; 4] = [
    "billing_interval",
    "billing_interval_count",
    "recurring_price_minor",
    "trial_days",
];

pub(super) fn fault(
    field: impl Into<Cow<'static, str>>,
    rule: &'static str,
    message: impl Into<Cow<'static, str>>,
) -> FieldError {
    FieldError {
        field: field.into(),
        message: message.into(),
        rule,
    }
}

fn attribute(name: &str) -> String {
    format!("attributes.{name}")
}

/// What a product is sold as.
pub fn product_type(row: &Model) -> &str {
    let named = row.attributes.get("product_type").and_then(Value::as_str);
    named.unwrap_or("one_time")
}

/// Whether it is paid for again and again.
pub fn is_subscription(row: &Model) -> bool {
    product_type(row) == "subscription"
}

/// A member that says yes or no, with what it says when it is missing.
pub fn flag(row: &Model, name: &str, otherwise: bool) -> bool {
    row.attributes.get(name).and_then(Value::as_bool).unwrap_or(otherwise)
}

/// Whether it is made of other products.
pub fn is_bundle(row: &Model) -> bool {
    flag(row, "is_bundle", false)
}

/// Brings the attributes into their stored form: a subscription bills every single interval unless it says otherwise, what
/// is none bills nothing.
pub fn settle(row: &mut Model) {
    let is_subscription = is_subscription(row);
    let Value::Object(attributes) = &mut row.attributes.0 else {
        return;
    };
    if is_subscription {
        attributes.entry("billing_interval_count").or_insert_with(|| 1.into());
    } else {
        BILLING.iter().for_each(|name| drop(attributes.remove(*name)));
    }
    if let Some(Value::Object(config)) = attributes.get_mut("content_config") {
        config.entry("content_items").or_insert_with(|| Value::Array(Vec::new()));
    }
}

/// Every rule that a product breaks after a change; `sent` is what the change names, and what it does not name is not
/// judged again.
pub fn faults(row: &Model, change: &UpdateProduct, now: Timestamp) -> Vec<FieldError> {
    let sent = &change.attributes;
    let mut faults = Vec::new();
    dates(row, sent, now, &mut faults);
    billing(row, sent, &mut faults);
    prices(row, change, &mut faults);
    content::faults(sent, &mut faults);
    faults
}

fn dates(row: &Model, sent: &Map<String, Value>, now: Timestamp, faults: &mut Vec<FieldError>) {
    for name in DATES {
        let Some(at) = sent.get(name).and_then(Value::as_i64) else {
            continue;
        };
        if at < EARLIEST.0 || at > now.0.saturating_add(AHEAD_MS) {
            let text = format!("{} must lie between 2020 and ten years from now", spoken(name));
            faults.push(fault(attribute(name), "out_of_range", text));
        }
    }
    let moment = |name: &str| row.attributes.get(name).and_then(Value::as_i64);
    let named = sent.contains_key(DATES[0]) || sent.contains_key(DATES[1]);
    if let (true, Some(from), Some(until)) = (named, moment(DATES[0]), moment(DATES[1]))
        && from >= until
    {
        faults.push(fault(
            attribute(DATES[1]),
            "order",
            "Available until must be after available from",
        ));
    }
}

/// `sale_price_until_at` as people say it.
fn spoken(name: &str) -> String {
    let words = name.trim_end_matches("_at").replace('_', " ");
    let mut letters = words.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn billing(row: &Model, sent: &Map<String, Value>, faults: &mut Vec<FieldError>) {
    let is_named = sent.contains_key("product_type") || BILLING.iter().any(|name| sent.contains_key(*name));
    if !is_named {
        return;
    }
    if !is_subscription(row) {
        let filled = |name: &&&str| sent.get(**name).is_some_and(|value| !value.is_null());
        for name in BILLING.iter().filter(filled) {
            let words = spoken(name.trim_end_matches("_minor"));
            faults.push(fault(
                attribute(name),
                "one_time",
                format!("{words} belongs to subscriptions only"),
            ));
        }
        return;
    }
    let recurring = row.attributes.get("recurring_price_minor").and_then(Value::as_i64);
    if recurring.is_none_or(|price| price <= 0) {
        faults.push(fault(
            attribute("recurring_price_minor"),
            "required",
            "A subscription needs a recurring price above 0",
        ));
    }
    if row.attributes.get("billing_interval").is_none_or(Value::is_null) {
        faults.push(fault(
            attribute("billing_interval"),
            "required",
            "A subscription needs a billing interval",
        ));
    }
}

fn prices(row: &Model, change: &UpdateProduct, faults: &mut Vec<FieldError>) {
    let sent = &change.attributes;
    let pays_what_he_wants = flag(row, "allow_custom_price", false);
    let says_vat = sent.get("price_includes_vat") == Some(&Value::Bool(true));
    if says_vat && row.price_minor == 0 && !pays_what_he_wants && !is_subscription(row) {
        faults.push(fault(
            attribute("price_includes_vat"),
            "free",
            "A price of 0 includes no VAT unless the buyer names the price",
        ));
    }
    let is_jar = row.attributes.get("checkout_template").and_then(Value::as_str) == Some("tip-jar");
    let named = sent.contains_key("checkout_template") || sent.contains_key("allow_custom_price");
    if is_jar && named && !pays_what_he_wants {
        faults.push(fault(
            attribute("checkout_template"),
            "custom_price",
            "The template tip-jar needs allow_custom_price: true",
        ));
    }
}

/// Refuses a change of currency that leaves amounts unnamed where the new one has another number of decimals: 1000 cents are
/// neither 1000 yen nor 10, and which is meant only the seller knows.
///
/// # Errors
/// `Validation` for each such amount: name it with the currency then.
pub fn in_new_currency(row: &Model, old: &str, change: &UpdateProduct) -> Result<()> {
    if !scales_differ(old, &row.currency) {
        return Ok(());
    }
    let unnamed = |field: String| {
        let text = format!("This amount is none in {}; name it together with the currency", row.currency);
        fault(field, "currency", text)
    };
    let mut faults = Vec::new();
    if change.price_minor.is_none() && row.price_minor != 0 {
        faults.push(unnamed("price_minor".to_owned()));
    }
    let is_amount = |value: &Value| match value {
        Value::Array(items) => items.iter().any(is_other_than_zero),
        value => is_other_than_zero(value),
    };
    for (name, value) in row.attributes.as_object().into_iter().flatten() {
        if name.ends_with("_minor") && !change.attributes.contains_key(name) && is_amount(value) {
            faults.push(unnamed(attribute(name)));
        }
    }
    match faults.is_empty() {
        true => Ok(()),
        false => Err(Error::fields(faults)),
    }
}

fn is_other_than_zero(value: &Value) -> bool {
    value.as_i64().is_some_and(|minor| minor != 0)
}

/// Whether two currencies have another number of decimals.
pub fn scales_differ(one: &str, other: &str) -> bool {
    exponent(one) != exponent(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing;
    use serde_json::json;

    const NOW: Timestamp = Timestamp(1_790_000_000_000);

    fn row(attributes: Value) -> Model {
        testing::product(2_900, attributes)
    }

    fn told(attributes: Value) -> Vec<String> {
        let change = UpdateProduct {
            attributes: attributes.as_object().cloned().unwrap_or_default(),
            ..UpdateProduct::default()
        };
        let faults = faults(&row(attributes), &change, NOW);
        faults.into_iter().map(|fault| fault.field.into_owned()).collect()
    }

    #[test]
    fn billing_belongs_to_subscriptions_and_a_subscription_needs_it() {
        assert_eq!(told(json!({ "trial_days": 7 })), ["attributes.trial_days"]);
        assert!(told(json!({ "trial_days": null, "product_type": "one_time" })).is_empty());
        let bare = told(json!({ "product_type": "subscription", "recurring_price_minor": 0 }));
        assert_eq!(bare, ["attributes.recurring_price_minor", "attributes.billing_interval"]);
        let whole = json!({ "product_type": "subscription", "recurring_price_minor": 500, "billing_interval": "month" });
        assert!(told(whole.clone()).is_empty());
        let mut stored = row(whole);
        settle(&mut stored);
        assert_eq!(stored.attributes["billing_interval_count"], 1);
    }

    #[test]
    fn dates_are_in_order_and_within_reason() {
        let day = |days: i64| NOW.0 + days * DAY_MS;
        let turned = json!({ "available_from_at": day(2), "available_until_at": day(1) });
        assert_eq!(told(turned), ["attributes.available_until_at"]);
        assert_eq!(
            told(json!({ "sale_price_until_at": day(3_700) })),
            ["attributes.sale_price_until_at"]
        );
        assert_eq!(told(json!({ "available_from_at": 0 })), ["attributes.available_from_at"]);
        assert!(told(json!({ "available_from_at": day(1), "available_until_at": null })).is_empty());
    }

    #[test]
    fn a_tip_jar_needs_a_price_of_the_buyers_own() {
        assert_eq!(
            told(json!({ "checkout_template": "tip-jar" })),
            ["attributes.checkout_template"]
        );
        assert!(told(json!({ "checkout_template": "tip-jar", "allow_custom_price": true })).is_empty());
    }

    #[test]
    fn a_change_of_decimals_leaves_no_amount_unnamed() {
        let refused = |row: &Model, change: &UpdateProduct| match in_new_currency(row, "USD", change) {
            Ok(()) => Vec::new(),
            Err(error) => error.fields.iter().map(|fault| fault.field.to_string()).collect(),
        };
        let none = UpdateProduct::default();
        let mut yen = row(json!({ "sale_price_minor": 1_900, "custom_price_presets_minor": [500, 1_000], "trial_days": 3 }));
        yen.currency = "JPY".to_owned();
        let mut told = refused(&yen, &none);
        told.sort();
        let all = [
            "attributes.custom_price_presets_minor",
            "attributes.sale_price_minor",
            "price_minor",
        ];
        assert_eq!(told, all);
        let named = UpdateProduct {
            price_minor: Some(29),
            attributes: json!({ "sale_price_minor": null, "custom_price_presets_minor": [5] })
                .as_object()
                .cloned()
                .unwrap_or_default(),
            ..UpdateProduct::default()
        };
        assert_eq!(refused(&yen, &named), Vec::<String>::new());
        let mut free = row(json!({ "sale_price_minor": 0 }));
        (free.currency, free.price_minor) = ("JPY".to_owned(), 0);
        assert_eq!(refused(&free, &none), Vec::<String>::new());
        let mut euro = row(json!({ "sale_price_minor": 1_900 }));
        euro.currency = "EUR".to_owned();
        assert_eq!(refused(&euro, &none), Vec::<String>::new());
    }
}
