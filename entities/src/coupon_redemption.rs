//! One use of a coupon: held for a checkout that is being paid, then taken by its payment.

use crate::Mode;
use sea_orm::entity::prelude::*;

words! {
    /// How far a use has come.
    Status {
        /// Nobody else may have it until `held_until`.
        Held = "held",
        /// Paid for.
        Taken = "taken",
    }
}

/// One use.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "coupon_redemptions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant: Uuid,
    pub mode: Mode,
    pub coupon: Uuid,
    pub checkout: Option<Uuid>,
    pub payment: Option<Uuid>,
    pub customer: Option<Uuid>,
    /// In small letters; whose use it is.
    pub email: Option<String>,
    pub product: Uuid,
    pub discount_minor: i64,
    pub currency: String,
    pub status: Status,
    pub held_until: Option<i64>,
    pub redeemed_at: Option<i64>,
    pub created_at: i64,
}

no_relations!();
scoped!();
