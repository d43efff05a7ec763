//! Products whose waiting lists are being told.

use crate::Mode;
use sea_orm::entity::prelude::*;

/// One product that went on sale and whose waiting list is not told whole yet.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "waitlist_launches")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub product: Uuid,
    pub tenant: Uuid,
    pub mode: Mode,
    pub due_at: i64,
}

no_relations!();
scoped!();
unscoped!();
