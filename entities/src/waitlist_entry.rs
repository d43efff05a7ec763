//! Who waits for a product.

use crate::Mode;
use sea_orm::entity::prelude::*;

/// One address that waits for one product.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "waitlist_entries")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant: Uuid,
    pub mode: Mode,
    pub product: Uuid,
    /// Lower case.
    pub email: String,
    /// Who he is, where he was signed in.
    pub person: Option<Uuid>,
    pub created_at: i64,
    /// When he was told that the product is there.
    pub notified_at: Option<i64>,
}

no_relations!();
scoped!();
unscoped!();
