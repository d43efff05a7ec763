//! What a payment was for.

use crate::{Document, Mode};
use sea_orm::entity::prelude::*;

/// One line of a payment.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "payment_lines")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant: Uuid,
    pub mode: Mode,
    pub payment: Uuid,
    pub product: Uuid,
    pub item_type: String,
    pub product_name: String,
    pub quantity: i64,
    pub unit_price_minor: i64,
    pub total_minor: i64,
    pub currency: String,
    pub net_minor: Option<i64>,
    pub tax_minor: Option<i64>,
    pub vat_rate: Option<String>,
    pub tax_behavior: Option<String>,
    pub vat_exempt: bool,
    pub metadata: Document,
    pub position: i64,
}

no_relations!();
scoped!();
unscoped!();
