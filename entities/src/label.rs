//! What products are sorted under: tags and categories.

use crate::Mode;
use sea_orm::entity::prelude::*;

/// Which sort of label it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Kind {
    /// A free word.
    Tag,
    /// A shelf of the shop.
    Category,
}

/// One tag or category.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "labels")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant: Uuid,
    pub mode: Mode,
    pub kind: Kind,
    pub name: String,
    /// Unique for tenant, mode and kind.
    pub slug: String,
    pub created_at: i64,
}

no_relations!();
scoped!();
unscoped!();
