//! Which products are in which group of variants.

use crate::Mode;
use sea_orm::entity::prelude::*;

/// One product of one group.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "variant_links")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant: Uuid,
    pub mode: Mode,
    pub variant_group: Uuid,
    pub product: Uuid,
    pub variant_name: Option<String>,
    pub display_order: i64,
    pub is_featured: bool,
    pub created_at: i64,
}

no_relations!();
scoped!();
