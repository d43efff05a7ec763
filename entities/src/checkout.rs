//! A purchase that was begun.

use crate::payment::Provider;
use crate::{Document, Mode};
use sea_orm::entity::prelude::*;

words! {
    /// How far a checkout has come.
    Status {
        /// It waits for the buyer.
        Open = "open",
        /// It was paid.
        Complete = "complete",
        /// Its time ran out.
        Expired = "expired",
    }
}

words! {
    /// What the buyer agrees to.
    Kind {
        /// One payment.
        Payment = "payment",
        /// A charge every period.
        Subscription = "subscription",
    }
}

/// One checkout, with its prices as they were when it was begun.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "checkouts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant: Uuid,
    pub mode: Mode,
    pub product: Uuid,
    pub email: Option<String>,
    pub person: Option<Uuid>,
    pub status: Status,
    pub kind: Kind,
    pub provider: Provider,
    pub session_ref: Option<String>,
    pub url: Option<String>,
    pub client_secret: Option<String>,
    pub amount_minor: i64,
    pub currency: String,
    pub lines: Document,
    pub coupon: Option<Uuid>,
    pub coupon_code: Option<String>,
    pub discount_minor: i64,
    pub custom_fields: Option<Document>,
    pub success_url: Option<String>,
    pub cancel_url: Option<String>,
    pub metadata: Document,
    pub payment: Option<Uuid>,
    pub expires_at: i64,
    pub completed_at: Option<i64>,
    pub created_at: i64,
    pub updated_at: i64,
}

no_relations!();
scoped!();
unscoped!();
