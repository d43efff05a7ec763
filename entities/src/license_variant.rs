//! The forms a product's licences are sold in.

use crate::{Mode, license::Kind};
use sea_orm::entity::prelude::*;

/// One variant.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "license_variants")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant: Uuid,
    pub mode: Mode,
    pub product: Uuid,
    pub code: String,
    pub name: String,
    pub kind: Kind,
    /// `None` is no limit of its own.
    pub max_machines: Option<i64>,
    pub is_active: bool,
    pub created_at: i64,
    pub updated_at: i64,
}

no_relations!();
scoped!();
unscoped!();
