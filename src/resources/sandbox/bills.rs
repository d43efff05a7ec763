//! What the sandbox's subscriptions are charged.

use crate::context::Deed;
use crate::domain::Timestamp;
use crate::domain::stripe::tax::{TaxSeen, behavior, reason};
use crate::domain::stripe::{InvoiceSeen, SubscriptionSeen};
use crate::resources::sales::goods::{Goods, Tax};
use crate::resources::sales::types::Line;
use entities::product;

/// The invoice of a subscription's present period, before anything came of it.
pub(super) fn bill(deed: &Deed, seen: &SubscriptionSeen, (invoice, amount): (&str, i64), reason: &str) -> InvoiceSeen {
    let payment = deed.id().simple();
    let has_payment = amount > 0 && !invoice.is_empty();
    InvoiceSeen {
        invoice: Some(invoice.to_owned()),
        subscription: Some(seen.subscription.clone()),
        customer: seen.customer.clone(),
        due_minor: amount,
        total_minor: amount,
        currency: seen.price.currency.clone().unwrap_or_default(),
        billing_reason: Some(reason.to_owned()),
        period_start: seen.period_start,
        period_end: seen.period_end,
        intent: has_payment.then(|| format!("pi_test_{payment}")),
        charge: has_payment.then(|| format!("ch_test_{payment}")),
        metadata: seen.metadata.clone(),
        ..InvoiceSeen::default()
    }
}

pub(super) fn paid(bill: InvoiceSeen, taxes: Vec<TaxSeen>, at: Timestamp) -> InvoiceSeen {
    let tax = taxes.iter().map(|tax| tax.amount_minor).sum::<i64>();
    let tax = (!taxes.is_empty()).then_some(tax);
    InvoiceSeen {
        paid_minor: bill.total_minor,
        net_minor: tax.map(|tax| bill.total_minor - tax),
        tax_minor: tax,
        taxes,
        paid_at: Some(at),
        attempt_count: bill.attempt_count.max(1),
        ..bill
    }
}

/// The tax within an amount, as the catalogue has it.
pub(super) fn tax_of(product: &product::Model, amount: i64) -> Option<TaxSeen> {
    let tax = Goods(product).tax()?;
    let within = Tax {
        is_included: true,
        ..tax
    };
    Some(tax_seen(tax, within.split(amount)))
}

/// The first invoice: a period, and what was bought along with it.
pub(super) fn with_beside(period: i64, tax: Option<TaxSeen>, beside: &[Line]) -> (i64, Vec<TaxSeen>) {
    let taxes = beside.iter().filter_map(tax_of_line);
    let total = period + beside.iter().map(|line| line.total_minor).sum::<i64>();
    (total, tax.into_iter().chain(taxes).collect())
}

fn tax_of_line(line: &Line) -> Option<TaxSeen> {
    let tax = Tax {
        thousandths: line.vat_thousandths?,
        is_included: line.is_tax_included,
    };
    Some(tax_seen(tax, (line.net_minor?, line.tax_minor?)))
}

fn tax_seen(tax: Tax, (net_minor, tax_minor): (i64, i64)) -> TaxSeen {
    TaxSeen {
        amount_minor: tax_minor,
        taxable_minor: Some(net_minor),
        thousandths: Some(tax.thousandths),
        behavior: Some(behavior(tax.is_included).to_owned()),
        reason: reason(false, Some(tax_minor)).map(str::to_owned),
    }
}
