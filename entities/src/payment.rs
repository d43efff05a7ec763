//! Money that a customer paid a tenant.

use crate::{Document, Mode};
use sea_orm::entity::prelude::*;

words! {
    /// How far a payment has come.
    Status {
        /// The money is not there yet.
        Pending = "pending",
        /// Paid; part of it may have been given back.
        Completed = "completed",
        /// All of it was given back.
        Refunded = "refunded",
        /// The buyer disputes it with the bank.
        Disputed = "disputed",
        /// It was refused.
        Failed = "failed",
        /// The buyer went away.
        Abandoned = "abandoned",
    }
}

words! {
    /// What is known of the tax in it.
    TaxStatus {
        /// Nothing.
        None = "none",
        /// All of it.
        Captured = "captured",
        /// Some lines.
        Partial = "partial",
        /// The provider does not tell.
        Unavailable = "unavailable",
    }
}

words! {
    /// Through whom money moves.
    Provider {
        /// Stripe, with the tenant's or the server's account.
        Stripe = "stripe",
        /// Built in: the test cards.
        Sandbox = "sandbox",
        /// Nobody: there was nothing to pay.
        Free = "free",
    }
}

/// One payment.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "payments")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant: Uuid,
    pub mode: Mode,
    pub customer: Uuid,
    pub email: String,
    pub product: Uuid,
    pub checkout: Option<Uuid>,
    pub subscription: Option<Uuid>,
    pub provider: Provider,
    pub intent_ref: Option<String>,
    pub session_ref: Option<String>,
    pub charge_ref: Option<String>,
    pub invoice_ref: Option<String>,
    pub status: Status,
    pub amount_minor: i64,
    pub currency: String,
    pub fee_minor: i64,
    pub net_total_minor: Option<i64>,
    pub tax_total_minor: Option<i64>,
    pub tax_status: TaxStatus,
    pub refunded_minor: i64,
    pub discount_minor: i64,
    pub coupon: Option<Uuid>,
    pub custom_fields: Option<Document>,
    pub metadata: Document,
    pub attributes: Document,
    pub paid_at: Option<i64>,
    pub refunded_at: Option<i64>,
    pub refund_reason: Option<String>,
    pub refunded_by: Option<String>,
    pub created_at: i64,
    pub updated_at: i64,
}

no_relations!();
scoped!();
unscoped!();
