//! A place at a product's sale price that is kept for a checkout.

use crate::Mode;
use sea_orm::entity::prelude::*;

/// One place, named by its checkout.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sale_holds")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub checkout: Uuid,
    pub tenant: Uuid,
    pub mode: Mode,
    pub product: Uuid,
    pub until_at: i64,
}

no_relations!();
scoped!();
unscoped!();
