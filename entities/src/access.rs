//! What a customer may use, one row for each pair of customer and product.

use crate::Mode;
use sea_orm::entity::prelude::*;

words! {
    /// Why somebody may no longer use something.
    EndReason {
        /// The money went back.
        Refund = "refund",
        /// The payment is disputed.
        Dispute = "dispute",
        /// Somebody of the tenant took it.
        Revoked = "revoked",
        /// Its time ran out.
        Expired = "expired",
        /// The subscription ended.
        Subscription = "subscription",
    }
}

/// One pair; in force while `ended_at` is empty.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "accesses")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant: Uuid,
    pub mode: Mode,
    pub customer: Uuid,
    pub product: Uuid,
    pub granted_at: i64,
    pub expires_at: Option<i64>,
    pub duration_days: Option<i64>,
    pub ended_at: Option<i64>,
    pub end_reason: Option<EndReason>,
    pub updated_at: i64,
}

no_relations!();
scoped!();
unscoped!();
