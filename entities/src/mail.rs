//! Outgoing mail, written by the command that asks for it and sent by a pass.

use sea_orm::entity::prelude::*;

/// One mail.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "mails")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant: Option<Uuid>,
    pub kind: String,
    pub recipient: String,
    pub subject: String,
    pub body_text: String,
    pub created_at: i64,
    pub sent_at: Option<i64>,
    pub attempts: i32,
    pub due_at: i64,
}

no_relations!();
unscoped!();

/// Selects the unsent mails that are due by `now`, in epoch milliseconds.
pub fn due(now: i64) -> Select<Entity> {
    anywhere().filter(Column::SentAt.is_null()).filter(Column::DueAt.lte(now))
}

/// Updates the mail of this id as long as it is unsent.
pub fn update_unsent(id: Uuid) -> sea_orm::UpdateMany<Entity> {
    update_anywhere().filter(Column::Id.eq(id)).filter(Column::SentAt.is_null())
}
