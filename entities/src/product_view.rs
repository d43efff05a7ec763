//! How often a product was looked at, by UTC day.

use crate::Mode;
use sea_orm::entity::prelude::*;

/// One product on one day.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "product_views")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub product: Uuid,
    /// Days since the epoch.
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: i64,
    pub tenant: Uuid,
    pub mode: Mode,
    pub views: i64,
}

no_relations!();
scoped!();
