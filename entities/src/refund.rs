//! Money on its way back; one that is pending holds its share of the payment.

use crate::Mode;
use sea_orm::entity::prelude::*;

words! {
    /// How far a refund has come.
    Status {
        /// The provider was or will be told.
        Pending = "pending",
        /// The money went back.
        Succeeded = "succeeded",
        /// The provider refused; the money stayed.
        Failed = "failed",
    }
}

words! {
    /// Who began it.
    Source {
        /// A person of the tenant.
        Admin = "admin",
        /// A key.
        Api = "api",
        /// A customer's request that was approved.
        RefundRequest = "refund_request",
        /// Somebody at the provider's.
        StripeWebhook = "stripe_webhook",
    }
}

/// One refund.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "refunds")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant: Uuid,
    pub mode: Mode,
    pub payment: Uuid,
    pub amount_minor: i64,
    pub currency: String,
    pub status: Status,
    pub reason: Option<String>,
    pub source: Source,
    pub provider_ref: Option<String>,
    pub actor: Option<String>,
    pub request: Option<Uuid>,
    pub failure: Option<String>,
    pub created_at: i64,
    pub completed_at: Option<i64>,
}

no_relations!();
scoped!();
unscoped!();
