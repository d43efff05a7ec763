//! Products that are variants of one thing.

use crate::Mode;
use sea_orm::entity::prelude::*;

/// One group of variants.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "variant_groups")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant: Uuid,
    pub mode: Mode,
    pub name: Option<String>,
    /// Unique for tenant and mode.
    pub slug: Option<String>,
    pub is_active: bool,
    pub created_at: i64,
    pub updated_at: i64,
}

no_relations!();
scoped!();
