//! A payment whose fee the provider is still to be asked for.

use crate::Mode;
use sea_orm::entity::prelude::*;

/// One question, named by its payment.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "fee_readings")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub payment: Uuid,
    pub tenant: Uuid,
    pub mode: Mode,
    pub attempt: i64,
    pub due_at: i64,
}

no_relations!();
scoped!();
unscoped!();
