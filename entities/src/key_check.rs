//! Known texts under the keys of this installation: one that does not open tells of another key.

use sea_orm::entity::prelude::*;

/// The text of one key.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "key_checks")]
pub struct Model {
    /// Which key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// A known text, sealed with it.
    pub sealed: String,
}

no_relations!();
unscoped!();
