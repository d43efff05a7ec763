//! What a subscription's period was charged with.

use crate::Mode;
use sea_orm::entity::prelude::*;

words! {
    /// How far an invoice has come.
    Status {
        /// A charge failed and may be tried again.
        Open = "open",
        /// Paid.
        Paid = "paid",
    }
}

/// One invoice.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "subscription_invoices")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant: Uuid,
    pub mode: Mode,
    pub subscription: Uuid,
    pub invoice_ref: String,
    pub status: Status,
    pub amount_minor: i64,
    pub currency: String,
    pub billing_reason: Option<String>,
    pub attempts: i64,
    pub payment: Option<Uuid>,
    pub period_start_at: Option<i64>,
    pub period_end_at: Option<i64>,
    pub paid_at: Option<i64>,
    pub created_at: i64,
    pub updated_at: i64,
}

no_relations!();
scoped!();
unscoped!();
