//! An event of a payment provider that was taken in; its reference is its identity.

use crate::{Document, Mode};
use sea_orm::entity::prelude::*;

/// One event.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "provider_events")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant: Uuid,
    pub mode: Mode,
    pub event_ref: String,
    pub name: String,
    /// The subscription it is about, while too little is known of that one to act on it.
    pub waits_for: Option<String>,
    /// What it says, as long as it waits.
    pub payload: Option<Document>,
    pub happened_at: i64,
    pub received_at: i64,
}

no_relations!();
scoped!();
unscoped!();
