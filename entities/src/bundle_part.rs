//! What a bundle is made of.

use crate::Mode;
use sea_orm::entity::prelude::*;

/// One part of one bundle.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "bundle_parts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub bundle: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub part: Uuid,
    pub tenant: Uuid,
    pub mode: Mode,
    /// Its place among the parts, from 0.
    pub place: i64,
}

no_relations!();
scoped!();
