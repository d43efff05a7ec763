//! What makes a purchase cheaper.

use crate::{Identifiers, Mode, Names};
use sea_orm::entity::prelude::*;

/// One coupon: either `percent_ppm` or `amount_minor` says what it is worth.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "coupons")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant: Uuid,
    pub mode: Mode,
    /// In capitals; unique among those of tenant and mode that are not deleted.
    pub code: String,
    /// As its creator wrote it, where that is not in capitals.
    pub code_given: Option<String>,
    /// For people; empty where none was given, so that lists can be ordered by it.
    pub name: String,
    /// Ten-thousandths of a percent: 1,000,000 is all of it.
    pub percent_ppm: Option<i64>,
    pub amount_minor: Option<i64>,
    /// Of `amount_minor`.
    pub currency: Option<String>,
    pub is_active: bool,
    pub is_public: bool,
    pub exclude_order_bumps: bool,
    pub starts_at: i64,
    pub expires_at: Option<i64>,
    pub usage_limit_global: Option<i64>,
    pub usage_limit_per_user: Option<i64>,
    pub allowed_emails: Names,
    pub allowed_products: Identifiers,
    /// Uses that were paid for.
    pub usage_count: i64,
    /// The one-time offer it was issued for.
    pub offer: Option<Uuid>,
    /// The payment it was issued after.
    pub offer_payment: Option<Uuid>,
    pub created_at: i64,
    pub updated_at: i64,
    pub deleted_at: Option<i64>,
}

impl Model {
    /// The code as its creator wrote it.
    pub fn shown_code(&self) -> &str {
        self.code_given.as_deref().unwrap_or(&self.code)
    }
}

no_relations!();
scoped_soft!();
unscoped!();
