//! What completed payments of one UTC day come to, kept up to date with each of them.

use crate::Mode;
use sea_orm::entity::prelude::*;

/// One day, product and currency; the nil product stands for all of them together.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sales_days")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub mode: Mode,
    #[sea_orm(primary_key, auto_increment = false)]
    pub product: Uuid,
    /// Days since the epoch.
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub currency: String,
    /// How many payments.
    pub payments: i64,
    pub revenue_minor: i64,
    /// What went back of them.
    pub refunded_minor: i64,
}

no_relations!();
scoped!();
