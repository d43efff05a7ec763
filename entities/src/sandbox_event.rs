//! What the sandbox's bank will say later.

use crate::{Document, Mode};
use sea_orm::entity::prelude::*;

/// One event in Stripe's shape and when it comes.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sandbox_events")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant: Uuid,
    pub mode: Mode,
    pub body: Document,
    pub due_at: i64,
    pub done_at: Option<i64>,
    pub created_at: i64,
}

no_relations!();
scoped!();
unscoped!();
