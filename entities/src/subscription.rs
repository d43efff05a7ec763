//! What a customer is charged for every period.

use crate::payment::Provider;
use crate::{Document, Mode};
use sea_orm::entity::prelude::*;

words! {
    /// What a subscription is, in Stripe's words.
    Status {
        /// Its first charge has not gone through yet.
        Incomplete = "incomplete",
        /// Nor did it in time.
        IncompleteExpired = "incomplete_expired",
        /// Nothing is charged yet.
        Trialing = "trialing",
        /// Paid.
        Active = "active",
        /// A charge failed and is tried again.
        PastDue = "past_due",
        /// It has ended.
        Canceled = "canceled",
        /// No charge is tried any more.
        Unpaid = "unpaid",
        /// Its trial ended without a card.
        Paused = "paused",
    }
}

/// One subscription; its product, customer and price were bound when it was first seen.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "subscriptions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant: Uuid,
    pub mode: Mode,
    pub customer: Uuid,
    pub product: Uuid,
    pub checkout: Option<Uuid>,
    pub provider: Provider,
    pub subscription_ref: String,
    pub customer_ref: Option<String>,
    pub price_ref: Option<String>,
    pub status: Status,
    pub price_minor: i64,
    pub currency: String,
    pub billing_interval: String,
    pub billing_interval_count: i64,
    pub trial_end_at: Option<i64>,
    pub period_start_at: Option<i64>,
    pub period_end_at: Option<i64>,
    pub cancel_at_period_end: bool,
    pub canceled_at: Option<i64>,
    pub ended_at: Option<i64>,
    pub latest_invoice: Option<String>,
    pub metadata: Document,
    /// When the provider said what is mirrored here; older news changes nothing.
    pub state_at: i64,
    /// The same for the status, which invoices change too.
    pub status_at: i64,
    /// When its beginning was told to subscribers.
    pub announced_at: Option<i64>,
    /// When its end was told to subscribers.
    pub closed_at: Option<i64>,
    /// Since when it gives no access, its money having gone back; the next paid invoice ends that.
    pub barred_at: Option<i64>,
    /// When the provider is to be told that it ends with its period.
    pub end_wanted_at: Option<i64>,
    /// The sandbox's card.
    pub card: Option<String>,
    /// When the sandbox's first period began, from which all are counted.
    pub anchor_at: Option<i64>,
    /// How many periods the sandbox has begun since.
    pub cycle: i64,
    /// How often the sandbox has tried to charge the present period in vain.
    pub attempts: i64,
    /// The sandbox's invoice that is not paid yet.
    pub open_invoice: Option<String>,
    /// The moment whose coming the sandbox announced last.
    pub noticed_at: Option<i64>,
    /// When the sandbox has something to do with it next.
    pub due_at: Option<i64>,
    pub created_at: i64,
    pub updated_at: i64,
}

no_relations!();
scoped!();
unscoped!();
