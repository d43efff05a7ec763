//! Sign-ups of the last hours by address, for their limit.

use sea_orm::entity::prelude::*;

/// One sign-up from one address of the network.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "waitlist_attempts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub address: String,
    pub happened_at: i64,
}

no_relations!();
unscoped!();
