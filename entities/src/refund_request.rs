//! A customer asking for the money back.

use crate::Mode;
use sea_orm::entity::prelude::*;

words! {
    /// What became of a request.
    Status {
        /// It waits for the tenant.
        Pending = "pending",
        /// The money went back.
        Approved = "approved",
        /// It was declined.
        Rejected = "rejected",
        /// The customer took it back.
        Cancelled = "cancelled",
    }
}

/// One request.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "refund_requests")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant: Uuid,
    pub mode: Mode,
    pub customer: Uuid,
    pub product: Uuid,
    pub payment: Uuid,
    pub customer_email: String,
    pub requested_minor: i64,
    pub currency: String,
    pub reason: Option<String>,
    pub status: Status,
    pub admin: Option<Uuid>,
    pub admin_response: Option<String>,
    pub processed_at: Option<i64>,
    pub created_at: i64,
    pub updated_at: i64,
}

no_relations!();
scoped!();
unscoped!();
