//! The events of subscriptions.

use super::rules;
use super::types::{InvoiceBrief, InvoiceTax, PaidInvoice, SubscriptionBrief, SubscriptionChange};
use crate::context::Deed;
use crate::domain::stripe::InvoiceSeen;
use crate::domain::stripe::tax::{TaxFacts, TaxSeen, percent};
use crate::domain::{Result, Timestamp};
use crate::store::Tx;
use entities::payment::TaxStatus;
use entities::subscription::Model;
use entities::{customer, product};
use serde_json::{Map, Value};

/// What an event is about.
#[derive(Clone, Copy)]
pub(super) struct Subject<'a> {
    pub row: &'a Model,
    pub customer: &'a customer::Model,
    pub product: &'a product::Model,
}

impl Subject<'_> {
    fn change(&self, previous: Option<&Map<String, Value>>, invoice: Option<InvoiceBrief>) -> SubscriptionChange {
        SubscriptionChange {
            customer: self.customer.into(),
            product: rules::subscribed(self.product, self.row),
            subscription: SubscriptionBrief {
                previous_attributes: previous.cloned(),
                ..SubscriptionBrief::from(self.row)
            },
            invoice,
        }
    }

    /// `subscription.created`, `.canceled` or `.trial_ending`.
    pub(super) fn happened(&self, tx: &Tx, deed: &Deed, name: &str) -> Result<()> {
        let data = self.change(None, None);
        tx.emit(deed.event(name, "subscription_change", &data, vec![self.product.id])?);
        Ok(())
    }

    /// `subscription.updated`.
    pub(super) fn updated(&self, tx: &Tx, deed: &Deed, previous: &Map<String, Value>) -> Result<()> {
        let data = self.change(Some(previous), None);
        let event = deed.event("subscription.updated", "subscription_change", &data, vec![self.product.id])?;
        tx.emit(event);
        Ok(())
    }

    /// `subscription.renewal_upcoming`.
    pub(super) fn upcoming(&self, tx: &Tx, deed: &Deed, seen: &InvoiceSeen) -> Result<()> {
        let invoice = InvoiceBrief::Due {
            stripe_invoice_id: seen.invoice.clone(),
            amount_due_minor: seen.due_minor,
            currency: currency(seen, self.row),
            attempt_count: None,
            next_payment_attempt_at: seen.next_attempt,
            billing_reason: Some(seen.billing_reason.clone().unwrap_or_else(|| "upcoming".to_owned())),
            hosted_invoice_url: None,
        };
        self.invoice(tx, deed, ("subscription.renewal_upcoming", "subscription_renewal"), invoice)
    }

    /// `invoice.payment_failed`.
    pub(super) fn failed(&self, tx: &Tx, deed: &Deed, seen: &InvoiceSeen) -> Result<()> {
        let invoice = InvoiceBrief::Due {
            stripe_invoice_id: seen.invoice.clone(),
            amount_due_minor: seen.due_minor,
            currency: currency(seen, self.row),
            attempt_count: Some(seen.attempt_count),
            next_payment_attempt_at: seen.next_attempt,
            billing_reason: None,
            hosted_invoice_url: Some(seen.hosted_url.clone()),
        };
        self.invoice(tx, deed, ("invoice.payment_failed", "invoice_failed"), invoice)
    }

    /// `invoice.paid`.
    pub(super) fn paid(&self, tx: &Tx, deed: &Deed, seen: &InvoiceSeen, paid_at: Timestamp) -> Result<()> {
        let invoice = InvoiceBrief::Paid(Box::new(PaidInvoice {
            stripe_invoice_id: seen.invoice.clone(),
            amount_paid_minor: seen.paid_minor,
            currency: currency(seen, self.row),
            hosted_invoice_url: seen.hosted_url.clone(),
            invoice_pdf_url: seen.pdf_url.clone(),
            paid_at,
            billing_reason: seen.billing_reason.clone().unwrap_or_else(|| "subscription_cycle".to_owned()),
            net_minor: seen.net_minor.filter(|_| seen.tax_minor.is_some()),
            tax_minor: seen.tax_minor,
            tax: seen.tax_minor.map(|_| kind_of_tax(&seen.taxes)),
            holder: seen.holder.clone(),
        }));
        self.invoice(tx, deed, ("invoice.paid", "invoice_paid"), invoice)
    }

    fn invoice(&self, tx: &Tx, deed: &Deed, (name, view): (&str, &str), invoice: InvoiceBrief) -> Result<()> {
        let data = self.change(None, Some(invoice));
        tx.emit(deed.event(name, view, &data, vec![self.product.id])?);
        Ok(())
    }
}

fn kind_of_tax(taxes: &[TaxSeen]) -> InvoiceTax {
    let facts = TaxFacts::of(taxes);
    InvoiceTax {
        vat_rate: facts.thousandths.and_then(|rate| serde_json::from_str(&percent(rate)).ok()),
        tax_behavior: facts.behavior,
        taxability_reason: facts.reason,
        tax_snapshot_status: TaxStatus::Captured,
    }
}

fn currency(seen: &InvoiceSeen, row: &Model) -> String {
    match seen.currency.is_empty() {
        true => row.currency.clone(),
        false => seen.currency.clone(),
    }
}
