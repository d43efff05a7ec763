//! Outgoing mail, written by the command that asks for it and sent by a pass.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;

/// One mail.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "mails")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant: Option<Uuid>,
    /// What it is about, such as `password_reset`.
    pub kind: String,
    pub recipient: String,
    pub subject: String,
    /// Empty once it was sent or given up.
    pub body_text: String,
    /// Whether the body is sealed with the master key, as it is where it carries a single-use token.
    pub is_sealed: bool,
    pub created_at: i64,
    pub sent_at: Option<i64>,
    /// How often it was tried in vain.
    pub attempts: i32,
    /// On the server's clock.
    pub due_at: i64,
    /// When the last attempt failed for good.
    pub given_up_at: Option<i64>,
    /// What the last failed attempt ended with; never an address.
    pub last_error: Option<String>,
    /// Node and boot that is sending it.
    pub lease_owner: Option<String>,
    /// On the real clock.
    pub lease_until_at: Option<i64>,
}

no_relations!();
unscoped!();

/// Selects the mails that wait, now or later.
pub fn waiting() -> Select<Entity> {
    anywhere()
        .filter(Column::SentAt.is_null())
        .filter(Column::GivenUpAt.is_null())
}

/// Selects the mails that wait and are due by `now`, in epoch milliseconds.
pub fn due(now: i64) -> Select<Entity> {
    waiting().filter(Column::DueAt.lte(now))
}

/// Updates mails as long as they wait; filter it.
pub fn update_waiting() -> sea_orm::UpdateMany<Entity> {
    update_anywhere()
        .filter(Column::SentAt.is_null())
        .filter(Column::GivenUpAt.is_null())
}

/// Removes the mails that were written before `before`, in epoch milliseconds, and wait no longer.
pub fn delete_done(before: i64) -> sea_orm::DeleteMany<Entity> {
    delete_anywhere()
        .filter(Column::CreatedAt.lt(before))
        .filter(Column::SentAt.is_not_null().or(Column::GivenUpAt.is_not_null()))
}
