//! What is offered beside a product on its checkout.

use crate::Mode;
use sea_orm::entity::prelude::*;

/// One product offered beside another.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "order_bumps")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant: Uuid,
    pub mode: Mode,
    pub main_product: Uuid,
    pub bump_product: Uuid,
    pub title: String,
    pub description: Option<String>,
    /// In the bump product's currency; none means the product's own price.
    pub price_minor: Option<i64>,
    pub is_active: bool,
    pub display_order: i64,
    /// None means as the product says, 0 for ever.
    pub access_duration_days: Option<i64>,
    pub urgency_duration_minutes: Option<i64>,
    pub created_at: i64,
    pub updated_at: i64,
}

no_relations!();
scoped!();
