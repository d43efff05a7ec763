//! Stripe's events and requests as values: what came in, read from any version's shape, and what goes out, as form bodies.
//!
//! [`Notice`] is one event; its [`Incoming`] says neutrally what happened, with money in minor units and moments in
//! milliseconds. `read` finds each fact wherever the version puts it; `form` writes the bracketed bodies Stripe takes;
//! `shapes` writes the same shapes as JSON, for the sandbox, which speaks to the same reader.

mod about;
pub mod form;
mod read;
pub mod shapes;
pub mod tax;
#[cfg(test)]
mod tests;

use super::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use tax::{HolderSeen, TaxSeen};

/// Metadata that every object we make carries: which tenant it is for.
pub const META_TENANT: &str = "fondaco_tenant";
/// Our product's id, as Stripe is told it.
pub const META_PRODUCT: &str = "product_id";
/// Our checkout session's id.
pub const META_CHECKOUT: &str = "fondaco_checkout";
/// Our refund's id.
pub const META_REFUND: &str = "fondaco_refund";
/// The buyer's address.
pub const META_EMAIL: &str = "email";
/// The buyer's person, where he was signed in.
pub const META_USER: &str = "user_id";

/// The 18 types a shop's webhook is to be subscribed to.
pub const TYPES: [&str; 18] = [
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "payment_intent.succeeded",
    "charge.refunded",
    "refund.created",
    "refund.updated",
    "charge.dispute.created",
    "customer.subscription.created",
    "customer.subscription.updated",
    "customer.subscription.deleted",
    "customer.subscription.trial_will_end",
    "customer.subscription.paused",
    "customer.subscription.resumed",
    "invoice.upcoming",
    "invoice.paid",
    "invoice.payment_succeeded",
    "invoice.payment_failed",
    "invoice.payment_action_required",
];

/// Metadata as Stripe keeps it: texts by name.
pub type Metadata = BTreeMap<String, String>;

/// One event as it came in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    /// `evt_…`: its identity, by which a repetition is known.
    pub id: String,
    /// Its type as Stripe names it.
    pub name: String,
    /// When it happened, on Stripe's clock, in whole seconds.
    pub at: Timestamp,
    /// What happened.
    pub what: Incoming,
}

impl Notice {
    /// Whether a transient failure shall make Stripe send it again.
    pub fn is_repeated_on_failure(&self) -> bool {
        !matches!(
            self.what,
            Incoming::SubscriptionCreated(_)
                | Incoming::SubscriptionTrialEnding(_)
                | Incoming::InvoiceUpcoming(_)
                | Incoming::InvoiceFailed(_)
                | Incoming::Ignored
        )
    }
}

/// What happened, in neutral words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Incoming {
    /// A checkout session went through; it may still wait for the money (`is_paid`).
    CheckoutCompleted(CheckoutSeen),
    /// A payment went through.
    IntentSucceeded(IntentSeen),
    /// Money went back, or a refund changed its state.
    Refunded(RefundSeen),
    /// A buyer disputes a charge.
    Disputed(DisputeSeen),
    /// A subscription began.
    SubscriptionCreated(SubscriptionSeen),
    /// Something about a subscription changed.
    SubscriptionUpdated(SubscriptionSeen),
    /// A subscription is over.
    SubscriptionDeleted(SubscriptionSeen),
    /// A trial ends in a few days.
    SubscriptionTrialEnding(SubscriptionSeen),
    /// A renewal will be charged in a few days.
    InvoiceUpcoming(InvoiceSeen),
    /// An invoice was paid.
    InvoicePaid(InvoiceSeen),
    /// An invoice's payment failed or needs the buyer's doing.
    InvoiceFailed(InvoiceSeen),
    /// Nothing to do but to say that it arrived.
    Ignored,
}

/// A checkout session.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CheckoutSeen {
    /// `cs_…`.
    pub session: String,
    /// Whether it sells a subscription, whose own events tell the rest.
    pub is_subscription: bool,
    /// Whether the money is there (`paid` or `no_payment_required`).
    pub is_paid: bool,
    /// `pi_…`.
    pub intent: Option<String>,
    /// `sub_…`.
    pub subscription: Option<String>,
    /// `cus_…`.
    pub customer: Option<String>,
    /// The buyer's address, lower case.
    pub email: Option<String>,
    /// The buyer's name.
    pub name: Option<String>,
    /// What was paid in all.
    pub amount_minor: i64,
    /// Before tax and discount.
    pub subtotal_minor: Option<i64>,
    /// Tax within the total.
    pub tax_minor: Option<i64>,
    /// What Stripe's own discounts took off.
    pub discount_minor: Option<i64>,
    /// Upper-case code.
    pub currency: String,
    /// Whom the invoice is made out to, where he told a tax id.
    #[serde(default)]
    pub holder: Option<HolderSeen>,
    /// What we sent along.
    pub metadata: Metadata,
    /// Answers to the custom fields, key and text.
    pub custom_fields: Vec<(String, String)>,
}

/// A payment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct IntentSeen {
    /// `pi_…`.
    pub intent: String,
    /// `ch_…`.
    pub charge: Option<String>,
    /// `in_…`: a payment of an invoice, whose own events tell the rest.
    pub invoice: Option<String>,
    /// `cus_…`.
    pub customer: Option<String>,
    /// The buyer's address, lower case.
    pub email: Option<String>,
    /// What arrived.
    pub amount_minor: i64,
    /// Upper-case code.
    pub currency: String,
    /// What we sent along.
    pub metadata: Metadata,
}

/// A refund, or a charge that tells of its refunds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RefundSeen {
    /// `re_…`, where one refund is told of.
    pub refund: Option<String>,
    /// `ch_…`.
    pub charge: Option<String>,
    /// `pi_…`.
    pub intent: Option<String>,
    /// What this refund gives back, where one is told of.
    pub amount_minor: Option<i64>,
    /// All that the charge has given back so far, where the charge is told of.
    pub total_minor: Option<i64>,
    /// What was charged, where the charge is told of.
    pub charged_minor: Option<i64>,
    /// Upper-case code.
    pub currency: String,
    /// `succeeded`, `pending`, `failed`, `canceled`, `requires_action`; a charge counts as `succeeded`.
    pub status: String,
    /// `duplicate`, `fraudulent`, `requested_by_customer`.
    pub reason: Option<String>,
    /// What we sent along.
    pub metadata: Metadata,
}

/// A dispute.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DisputeSeen {
    /// `dp_…`.
    pub dispute: String,
    /// `ch_…`.
    pub charge: Option<String>,
    /// `pi_…`.
    pub intent: Option<String>,
    /// What is disputed.
    pub amount_minor: i64,
    /// Upper-case code.
    pub currency: String,
    /// Why, such as `fraudulent`.
    pub reason: Option<String>,
}

/// What a subscription's period costs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PriceSeen {
    /// `price_…`.
    pub price: Option<String>,
    /// Per period; `None` where it is tiered or not told.
    pub amount_minor: Option<i64>,
    /// Upper-case code.
    pub currency: Option<String>,
    /// `day`, `week`, `month`, `year`.
    pub interval: Option<String>,
    /// Intervals in a period.
    pub interval_count: Option<i64>,
}

/// A subscription.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SubscriptionSeen {
    /// `sub_…`.
    pub subscription: String,
    /// `cus_…`.
    pub customer: Option<String>,
    /// `incomplete`, `incomplete_expired`, `trialing`, `active`, `past_due`, `canceled`, `unpaid`, `paused`.
    pub status: String,
    /// What its period costs.
    pub price: PriceSeen,
    /// When the trial ends or ended.
    pub trial_end: Option<Timestamp>,
    /// When the present period began.
    pub period_start: Option<Timestamp>,
    /// When it ends.
    pub period_end: Option<Timestamp>,
    /// Whether it ends with its period.
    pub cancel_at_period_end: bool,
    /// When it was told to end.
    pub canceled_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// `in_…`.
    pub latest_invoice: Option<String>,
    /// The buyer's address, lower case, where anything tells it.
    pub email: Option<String>,
    /// What we sent along.
    pub metadata: Metadata,
    /// What changed and from what, as Stripe names it.
    pub previous_attributes: Map<String, Value>,
}

/// An invoice.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct InvoiceSeen {
    /// `in_…`; an announced one has none yet.
    pub invoice: Option<String>,
    /// `sub_…`, wherever the version puts it; `None` for an invoice that belongs to none.
    pub subscription: Option<String>,
    /// `cus_…`.
    pub customer: Option<String>,
    /// The buyer's address, lower case.
    pub email: Option<String>,
    /// What is to be paid.
    pub due_minor: i64,
    /// What was paid.
    pub paid_minor: i64,
    /// The whole of it.
    pub total_minor: i64,
    /// Without tax, where that is told or follows.
    pub net_minor: Option<i64>,
    /// Tax, where it is told.
    pub tax_minor: Option<i64>,
    /// The same, rate by rate.
    #[serde(default)]
    pub taxes: Vec<TaxSeen>,
    /// Whom it is made out to, where he told a tax id.
    #[serde(default)]
    pub holder: Option<HolderSeen>,
    /// Upper-case code.
    pub currency: String,
    /// The page where it can be seen and paid.
    pub hosted_url: Option<String>,
    /// The same as a document.
    pub pdf_url: Option<String>,
    /// When it was paid.
    pub paid_at: Option<Timestamp>,
    /// `subscription_create`, `subscription_cycle`, `upcoming` …
    pub billing_reason: Option<String>,
    /// How often payment was tried.
    pub attempt_count: i64,
    /// When it is tried again.
    pub next_attempt: Option<Timestamp>,
    /// When the paid period begins.
    pub period_start: Option<Timestamp>,
    /// When it ends.
    pub period_end: Option<Timestamp>,
    /// `pi_…`.
    pub intent: Option<String>,
    /// `ch_…`.
    pub charge: Option<String>,
    /// The subscription's metadata as of the invoice.
    pub metadata: Metadata,
    /// The period's price, where a line tells it.
    pub price: PriceSeen,
}
