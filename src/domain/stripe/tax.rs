//! What a provider tells of tax, and whom an invoice is made out to.

use super::read::{list, number, text};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// One tax within an amount.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxSeen {
    /// How much of it.
    pub amount_minor: i64,
    /// On what.
    pub taxable_minor: Option<i64>,
    /// The rate, in thousandths of a percent.
    pub thousandths: Option<i64>,
    /// Whether prices hold it (`inclusive`) or it is added to them (`exclusive`).
    pub behavior: Option<String>,
    /// Why it is taxed as it is, such as `standard_rated`.
    pub reason: Option<String>,
}

/// What several taxes have in common: nothing where they differ.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaxFacts {
    /// The rate, in thousandths of a percent.
    pub thousandths: Option<i64>,
    /// `inclusive` or `exclusive`.
    pub behavior: Option<String>,
    /// Why.
    pub reason: Option<String>,
}

impl TaxFacts {
    /// What all of these have in common.
    pub fn of(taxes: &[TaxSeen]) -> Self {
        Self {
            thousandths: common(taxes, |tax| tax.thousandths),
            behavior: common(taxes, |tax| tax.behavior.clone()),
            reason: common(taxes, |tax| tax.reason.clone()),
        }
    }
}

fn common<T: PartialEq>(taxes: &[TaxSeen], fact: impl Fn(&TaxSeen) -> Option<T>) -> Option<T> {
    let first = fact(taxes.first()?)?;
    taxes.iter().all(|tax| fact(tax).as_ref() == Some(&first)).then_some(first)
}

/// Whom an invoice is made out to, where he told a tax id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HolderSeen {
    /// The tax id.
    pub nip: String,
    /// His name.
    pub company_name: Option<String>,
    /// The lines of the address.
    pub address: Option<String>,
    /// The town.
    pub city: Option<String>,
    /// Its code.
    pub postal_code: Option<String>,
    /// Two letters.
    pub country: Option<String>,
}

/// The taxes of an invoice: in all, else line by line; as a list of now or of old.
pub(super) fn of_invoice(object: &Value) -> Vec<TaxSeen> {
    let of = |object: &Value| {
        let names = ["total_taxes", "total_tax_amounts", "taxes", "tax_amounts"];
        let taxes = names.into_iter().flat_map(|name| list(object, name)).filter_map(tax);
        taxes.collect::<Vec<TaxSeen>>()
    };
    let all = of(object);
    if !all.is_empty() {
        return all;
    }
    let lines = object.pointer("/lines/data").and_then(Value::as_array);
    lines.into_iter().flatten().flat_map(of).collect()
}

fn tax(object: &Value) -> Option<TaxSeen> {
    let amount_minor = number(object, "amount")?;
    let taxable_minor = number(object, "taxable_amount");
    let inclusive = object.get("inclusive").and_then(Value::as_bool);
    let of_old = inclusive.map(|inclusive| if inclusive { "inclusive" } else { "exclusive" }.to_owned());
    let percentage = ["/tax_rate_details/tax_rate/percentage", "/tax_rate/percentage"]
        .into_iter()
        .find_map(|place| object.pointer(place)?.as_f64());
    Some(TaxSeen {
        amount_minor,
        taxable_minor,
        thousandths: percentage
            .and_then(|percent| thousandths(&percent.to_string()))
            .or_else(|| taxable_minor.and_then(|taxable| simplest_rate(taxable, amount_minor))),
        behavior: text(object, "tax_behavior").or(of_old),
        reason: text(object, "taxability_reason"),
    })
}

/// A tax as the pinned version prints it.
pub(super) fn shape(tax: &TaxSeen) -> Value {
    let rate: Option<f64> = tax.thousandths.and_then(|rate| percent(rate).parse().ok());
    json!({
        "amount": tax.amount_minor,
        "taxable_amount": tax.taxable_minor,
        "tax_behavior": tax.behavior,
        "taxability_reason": tax.reason,
        "type": "tax_rate_details",
        "tax_rate_details": {"tax_rate": {"object": "tax_rate", "percentage": rate}},
    })
}

/// Who an invoice, or a checkout's buyer, is: `ids` names the member with the tax ids, `prefix` what stands before the others.
pub(super) fn holder(object: &Value, ids: &str, prefix: &str) -> Option<HolderSeen> {
    let nip = list(object, ids).iter().find_map(|id| text(id, "value"))?;
    let address = object.get(format!("{prefix}address")).unwrap_or(&Value::Null);
    let lines: Vec<String> = ["line1", "line2"].iter().filter_map(|line| text(address, line)).collect();
    Some(HolderSeen {
        nip,
        company_name: text(object, &format!("{prefix}name")),
        address: (!lines.is_empty()).then(|| lines.join(", ")),
        city: text(address, "city"),
        postal_code: text(address, "postal_code"),
        country: text(address, "country"),
    })
}

/// The rate with the fewest digits that makes this tax of this amount: a provider tells the rate by its id alone.
pub fn simplest_rate(taxable_minor: i64, tax_minor: i64) -> Option<i64> {
    if taxable_minor <= 0 || tax_minor < 0 {
        return None;
    }
    let (taxable, tax) = (i128::from(taxable_minor), i128::from(tax_minor));
    [1_000_i128, 500, 100, 10, 1].into_iter().find_map(|step| {
        let near = (tax * 100_000 * 2 + taxable * step) / (taxable * step * 2) * step;
        let makes = (taxable * near * 2 + 100_000) / 200_000;
        (makes == tax).then(|| i64::try_from(near).ok()).flatten()
    })
}

/// Whether prices hold the tax, in the provider's word.
pub const fn behavior(is_included: bool) -> &'static str {
    match is_included {
        true => "inclusive",
        false => "exclusive",
    }
}

/// Why something is taxed as it is, in the provider's word; nothing where no tax is known of.
pub const fn reason(is_exempt: bool, tax_minor: Option<i64>) -> Option<&'static str> {
    match tax_minor {
        _ if is_exempt => Some("product_exempt"),
        None => None,
        Some(0) => Some("zero_rated"),
        Some(_) => Some("standard_rated"),
    }
}

/// A rate as its shortest decimal.
pub fn percent(thousandths: i64) -> String {
    let text = format!("{}.{:03}", thousandths / 1_000, thousandths % 1_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Reads a decimal rate as thousandths.
pub fn thousandths(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let fraction: String = fraction.chars().chain("000".chars()).take(3).collect();
    Some(whole.parse::<i64>().ok()? * 1000 + fraction.parse::<i64>().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_follows_from_what_it_makes() {
        assert_eq!(simplest_rate(1_000, 230), Some(23_000));
        assert_eq!(simplest_rate(100_000, 19_500), Some(19_500));
        assert_eq!(simplest_rate(836, 159), Some(19_000));
        assert_eq!(simplest_rate(1_000, 0), Some(0));
        assert_eq!(simplest_rate(0, 1), None);
    }

    #[test]
    fn taxes_of_two_rates_have_none_in_common() {
        let tax = |rate: i64| TaxSeen {
            thousandths: Some(rate),
            behavior: Some("inclusive".to_owned()),
            ..TaxSeen::default()
        };
        let facts = TaxFacts::of(&[tax(23_000), tax(8_000)]);
        assert_eq!((facts.thousandths, facts.behavior.as_deref()), (None, Some("inclusive")));
        assert_eq!(TaxFacts::of(&[tax(8_000)]).thousandths, Some(8_000));
    }

    #[test]
    fn rates_are_read_and_written_exactly() {
        for (text, expected) in [
            ("23", Some(23_000)),
            ("19.5", Some(19_500)),
            ("7.125", Some(7_125)),
            ("x", None),
        ] {
            assert_eq!(thousandths(text), expected, "{text}");
            assert!(expected.is_none_or(|rate| percent(rate) == text));
        }
    }
}
