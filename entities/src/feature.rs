//! What a licence may unlock: the catalogue of feature codes.

use crate::{Document, Mode};
use sea_orm::entity::prelude::*;

/// One feature.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "features")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant: Uuid,
    pub mode: Mode,
    pub name: String,
    pub code: String,
    pub description: Option<String>,
    pub metadata: Document,
    pub created_at: i64,
    pub updated_at: i64,
    pub deleted_at: Option<i64>,
}

no_relations!();
scoped_soft!();
unscoped!();
