//! The bytes that webhooks carry, frozen at fan-out: one row for all the subscribers who get the same.

use sea_orm::entity::prelude::*;

/// One body of an event.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "bodies")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub event: Uuid,
    /// Counts the event's bodies, from 0.
    #[sea_orm(primary_key, auto_increment = false)]
    pub place: i32,
    /// The very bytes that each try sends.
    pub text: String,
}

no_relations!();
unscoped!();
