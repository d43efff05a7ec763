//! The books: every booking's entries add up to nothing.

use crate::Mode;
use sea_orm::entity::prelude::*;

/// One entry of a booking.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ledger_entries")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant: Uuid,
    pub mode: Mode,
    pub booking: Uuid,
    pub payment: Uuid,
    pub kind: String,
    pub account: String,
    pub amount_minor: i64,
    pub currency: String,
    pub booked_at: i64,
}

no_relations!();
scoped!();
unscoped!();
