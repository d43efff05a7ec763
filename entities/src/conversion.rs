//! Purchases to be told to an advertising network.

use crate::{Document, Mode};
use sea_orm::entity::prelude::*;

/// One purchase.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "conversions")]
pub struct Model {
    /// The payment's, by which the network tells repetitions.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant: Uuid,
    pub mode: Mode,
    /// Whose account it is told to.
    pub pixel: String,
    pub test_code: Option<String>,
    /// The event, as it was when it happened.
    pub body: Document,
    pub due_at: i64,
    pub attempts: i64,
    pub sent_at: Option<i64>,
    pub given_up_at: Option<i64>,
    pub last_error: Option<String>,
    pub created_at: i64,
}

no_relations!();
scoped!();
unscoped!();

/// Selects what still waits to be told, now or later.
pub fn waiting() -> Select<Entity> {
    anywhere()
        .filter(Column::SentAt.is_null())
        .filter(Column::GivenUpAt.is_null())
}

/// Updates one as long as it waits and was claimed for `due_at`.
pub fn update_claimed(id: Uuid, due_at: i64) -> sea_orm::UpdateMany<Entity> {
    update_anywhere()
        .filter(Column::Id.eq(id))
        .filter(Column::DueAt.eq(due_at))
        .filter(Column::SentAt.is_null())
        .filter(Column::GivenUpAt.is_null())
}
