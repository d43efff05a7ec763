//! Where the keys belong that do not say so themselves: those that came from elsewhere.

use sea_orm::entity::prelude::*;

/// One key without a route of its own.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "key_directory")]
pub struct Model {
    /// SHA-256 of the whole key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub digest: Vec<u8>,
    /// The route of the tenant it belongs to.
    pub route: Vec<u8>,
    pub created_at: i64,
}

no_relations!();
unscoped!();
