//! The outbox: facts in neutral form, written by the command that made them true.

use crate::{Document, Identifiers, Mode};
use sea_orm::entity::prelude::*;

/// One fact.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "events")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant: Uuid,
    pub mode: Mode,
    pub name: String,
    /// The view `data` is one of.
    pub view: String,
    pub data: Document,
    /// The products it touches.
    pub products: Identifiers,
    /// Its place in the tenant's sequence, given at fan-out.
    pub seq: Option<i64>,
    pub created_at: i64,
    /// When it was fanned out; none means that it waits.
    pub dispatched_at: Option<i64>,
}

no_relations!();
scoped!();
unscoped!();

/// Selects the events of every tenant that wait for fan-out; a partial index serves it.
pub fn undispatched_anywhere() -> Select<Entity> {
    anywhere().filter(Column::DispatchedAt.is_null())
}
