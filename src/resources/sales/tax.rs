//! The tax of an order's lines: its own, or what the provider found.

use super::types::{Line, Paid, ReturnedTax, SoldTax};
use crate::domain::stripe::tax::{behavior, percent, reason, simplest_rate};
use entities::{checkout, payment_line, product};
use serde_json::Number;

/// Puts the provider's tax into the lines, each its share by what it costs; without any, they keep their own.
///
/// What was paid beyond what the checkout asked for is tax that was added to the prices; else they hold it.
pub(super) fn with_the_providers(
    lines: Vec<(Line, product::Model)>,
    paid: &Paid,
    checkout: &checkout::Model,
) -> Vec<(Line, product::Model)> {
    let Some(tax) = paid.tax_minor.filter(|tax| *tax > 0) else {
        return lines;
    };
    let is_included = paid.amount_minor == checkout.amount_minor;
    let whole: i64 = lines.iter().map(|(line, _)| line.total_minor).sum();
    let (mut before, mut given) = (0_i64, 0_i64);
    let taxed = lines.into_iter().map(|(line, product)| {
        before += line.total_minor;
        let share = part(tax, before, whole) - given;
        given += share;
        (taxed(line, share, is_included), product)
    });
    taxed.collect()
}

/// What of `tax` falls on the first `before` of `whole`: shares of running sums add up to all of it.
fn part(tax: i64, before: i64, whole: i64) -> i64 {
    match whole {
        0 => 0,
        _ => i64::try_from(i128::from(tax) * i128::from(before) / i128::from(whole)).unwrap_or(0),
    }
}

fn taxed(line: Line, tax: i64, is_included: bool) -> Line {
    let total = if is_included {
        line.total_minor
    } else {
        line.total_minor + tax
    };
    Line {
        total_minor: total,
        net_minor: Some(total - tax),
        tax_minor: Some(tax),
        vat_thousandths: simplest_rate(total - tax, tax),
        is_tax_included: is_included,
        ..line
    }
}

/// The tax of a line as events tell of it.
pub(super) fn sold(line: &Line) -> Option<SoldTax> {
    let (net_minor, tax_minor) = line.net_minor.zip(line.tax_minor)?;
    Some(SoldTax {
        net_minor,
        tax_minor,
        gross_minor: net_minor + tax_minor,
        vat_rate: line.vat_thousandths.and_then(|rate| number(&percent(rate))),
        vat_exempt: line.is_exempt,
        tax_behavior: behavior(line.is_tax_included),
        taxability_reason: reason(line.is_exempt, line.tax_minor),
    })
}

/// What kind of tax the lines of a payment have in common.
pub(super) fn returned(lines: &[payment_line::Model]) -> Option<ReturnedTax> {
    let taxed: Vec<&payment_line::Model> = lines.iter().filter(|line| line.tax_minor.is_some()).collect();
    let first = taxed.first()?;
    let same_rate = taxed.iter().all(|line| line.vat_rate == first.vat_rate);
    let reason_of = |line: &payment_line::Model| reason(line.vat_exempt, line.tax_minor);
    let same_reason = taxed.iter().all(|line| reason_of(line) == reason_of(first));
    Some(ReturnedTax {
        vat_rate: first.vat_rate.as_deref().filter(|_| same_rate).and_then(number),
        vat_exempt: lines.iter().all(|line| line.vat_exempt),
        taxability_reason: reason_of(first).filter(|_| same_reason),
    })
}

fn number(text: &str) -> Option<Number> {
    serde_json::from_str(text).ok()
}
