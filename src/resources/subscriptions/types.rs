//! What goes in and out, in neutral names.

use crate::domain::Timestamp;
use crate::domain::stripe::tax::{HolderSeen, TaxSeen};
use crate::resources::customers::types::CustomerBrief;
use entities::payment::{Provider, TaxStatus};
use entities::subscription::{Model, Status};
use entities::{checkout, customer, product};
use serde::Serialize;
use serde_json::{Map, Number, Value};
use uuid::Uuid;

/// What became of something that was told of a subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It did something.
    Done,
    /// It had been done before, or is older than what is known.
    Known,
    /// Too little is known yet of the subscription it is about.
    Unknown,
    /// It fits nothing here and never will; the reason is for the log.
    Misfit(&'static str),
}

/// What became of a paid invoice.
#[derive(Debug)]
pub enum Settled {
    /// It was paid just now; the money is to be booked.
    Paid(Box<Charge>),
    /// Nothing is to be booked.
    Nothing(Outcome),
}

/// A period that was paid for.
#[derive(Clone, Debug)]
pub struct Charge {
    /// The subscription.
    pub subscription: Model,
    /// Our row of the invoice.
    pub invoice: Uuid,
    /// Who paid.
    pub customer: customer::Model,
    /// For what.
    pub product: product::Model,
    /// `in_…`.
    pub invoice_ref: String,
    /// `pi_…`.
    pub intent_ref: Option<String>,
    /// `ch_…`.
    pub charge_ref: Option<String>,
    /// What arrived.
    pub amount_minor: i64,
    /// Tax in it, where it is known.
    pub tax_minor: Option<i64>,
    /// The same, rate by rate.
    pub taxes: Vec<TaxSeen>,
    /// Upper-case code.
    pub currency: String,
    /// Through whom.
    pub provider: Provider,
    /// The checkout it began with, where this is its first invoice and something was bought along with it.
    pub beginning: Option<checkout::Model>,
    /// When.
    pub paid_at: Timestamp,
}

/// A product as events of subscriptions tell of it.
#[derive(Clone, Debug, Serialize)]
pub struct SubscribedProduct {
    /// Which.
    pub id: Uuid,
    /// For people.
    pub name: String,
    /// Its address.
    pub slug: String,
    /// Upper-case code.
    pub currency: String,
    /// What a period costs at present.
    pub recurring_price_minor: i64,
    /// `day`, `week`, `month`, `year`.
    pub billing_interval: String,
    /// Intervals in a period.
    pub billing_interval_count: i64,
}

/// A subscription as events tell of it.
#[derive(Clone, Debug, Serialize)]
pub struct SubscriptionBrief {
    /// `sub_…`.
    pub stripe_subscription_id: String,
    /// `cus_…`.
    pub stripe_customer_id: Option<String>,
    /// What it is.
    pub status: Status,
    /// `day`, `week`, `month`, `year`.
    pub billing_interval: String,
    /// Intervals in a period.
    pub billing_interval_count: i64,
    /// What a period costs.
    pub recurring_price_minor: i64,
    /// Upper-case code.
    pub currency: String,
    /// When the trial ends or ended.
    pub trial_end_at: Option<Timestamp>,
    /// When the present period began.
    pub current_period_start_at: Option<Timestamp>,
    /// When it ends.
    pub current_period_end_at: Option<Timestamp>,
    /// Whether the subscription ends with it.
    pub cancel_at_period_end: bool,
    /// When it was told to end.
    pub canceled_at: Option<Timestamp>,
    /// When it ends or ended.
    pub ends_at: Option<Timestamp>,
    /// What changed and from what, in the provider's own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous_attributes: Option<Map<String, Value>>,
}

/// That something about a subscription changed.
#[derive(Clone, Debug, Serialize)]
pub struct SubscriptionChange {
    /// Whose.
    pub customer: CustomerBrief,
    /// To what.
    pub product: SubscribedProduct,
    /// Itself.
    pub subscription: SubscriptionBrief,
    /// The invoice it is about, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invoice: Option<InvoiceBrief>,
}

/// What kind of tax an invoice holds.
#[derive(Clone, Debug, Serialize)]
pub struct InvoiceTax {
    /// In percent; none where there are several.
    pub vat_rate: Option<Number>,
    /// `inclusive` or `exclusive`.
    pub tax_behavior: Option<String>,
    /// Such as `standard_rated`.
    pub taxability_reason: Option<String>,
    /// `captured`.
    pub tax_snapshot_status: TaxStatus,
}

/// An invoice as events tell of it: due, or paid.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum InvoiceBrief {
    /// To be paid, soon or after a failed try.
    Due {
        /// `in_…`; an announced one has none.
        stripe_invoice_id: Option<String>,
        /// How much.
        amount_due_minor: i64,
        /// Upper-case code.
        currency: String,
        /// How often payment was tried.
        #[serde(skip_serializing_if = "Option::is_none")]
        attempt_count: Option<i64>,
        /// When it is tried next.
        next_payment_attempt_at: Option<Timestamp>,
        /// What it is for.
        #[serde(skip_serializing_if = "Option::is_none")]
        billing_reason: Option<String>,
        /// Where it can be paid.
        #[serde(skip_serializing_if = "Option::is_none")]
        hosted_invoice_url: Option<Option<String>>,
    },
    /// Paid.
    Paid(Box<PaidInvoice>),
}

/// An invoice that was paid.
#[derive(Clone, Debug, Serialize)]
pub struct PaidInvoice {
    /// `in_…`.
    pub stripe_invoice_id: Option<String>,
    /// How much.
    pub amount_paid_minor: i64,
    /// Upper-case code.
    pub currency: String,
    /// Where it can be seen.
    pub hosted_invoice_url: Option<String>,
    /// The same as a document.
    pub invoice_pdf_url: Option<String>,
    /// When.
    pub paid_at: Timestamp,
    /// What it is for.
    pub billing_reason: String,
    /// Without tax, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub net_minor: Option<i64>,
    /// The tax, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_minor: Option<i64>,
    /// What kind of tax, where it is known.
    #[serde(flatten)]
    pub tax: Option<InvoiceTax>,
    /// Whom it is made out to, where he told a tax id.
    #[serde(flatten)]
    pub holder: Option<HolderSeen>,
}

impl From<&Model> for SubscriptionBrief {
    fn from(row: &Model) -> Self {
        let at_period_end = row.period_end_at.filter(|_| row.cancel_at_period_end);
        Self {
            stripe_subscription_id: row.subscription_ref.clone(),
            stripe_customer_id: row.customer_ref.clone(),
            status: row.status,
            billing_interval: row.billing_interval.clone(),
            billing_interval_count: row.billing_interval_count,
            recurring_price_minor: row.price_minor,
            currency: row.currency.clone(),
            trial_end_at: row.trial_end_at.map(Timestamp),
            current_period_start_at: row.period_start_at.map(Timestamp),
            current_period_end_at: row.period_end_at.map(Timestamp),
            cancel_at_period_end: row.cancel_at_period_end,
            canceled_at: row.canceled_at.map(Timestamp),
            ends_at: row.ended_at.or(at_period_end).map(Timestamp),
            previous_attributes: None,
        }
    }
}

/// A subscription as its owner sees it.
#[derive(Clone, Debug, Serialize)]
pub struct OwnSubscription {
    /// Which.
    pub id: Uuid,
    /// What it is.
    pub status: Status,
    /// When the present period began.
    pub current_period_start_at: Option<Timestamp>,
    /// When it ends.
    pub current_period_end_at: Option<Timestamp>,
    /// Whether the subscription ends with it.
    pub cancel_at_period_end: bool,
    /// When it was told to end.
    pub canceled_at: Option<Timestamp>,
    /// When the trial ends or ended.
    pub trial_end_at: Option<Timestamp>,
    /// `in_…`.
    pub latest_invoice_id: Option<String>,
    /// `sub_…`.
    pub stripe_subscription_id: String,
    /// To what.
    pub product_id: Uuid,
    /// Since when it is known here.
    pub created_at: Timestamp,
    /// To what, in full.
    pub product: Option<SubscribedProduct>,
}
