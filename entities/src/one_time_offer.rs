//! Offers a buyer gets once, right after he bought.

use crate::Mode;
use sea_orm::entity::prelude::*;

/// One offer behind a product; at most one of a product's is active.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "one_time_offers")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant: Uuid,
    pub mode: Mode,
    /// The product whose purchase it follows.
    pub product: Uuid,
    /// What is offered.
    pub oto_product: Uuid,
    /// `percentage` or `fixed`.
    pub discount_type: String,
    /// Hundredths of a per cent, or minor units of the offered product's currency.
    pub discount_value: i64,
    pub duration_minutes: i64,
    /// What is offered to whoever declines.
    pub downsell_product: Option<Uuid>,
    pub downsell_discount_type: Option<String>,
    pub downsell_discount_value: Option<i64>,
    pub downsell_duration_minutes: Option<i64>,
    pub is_active: bool,
    pub created_at: i64,
    pub updated_at: i64,
}

no_relations!();
scoped!();
