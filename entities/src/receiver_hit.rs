//! What a built-in receiver got.

use crate::Document;
use sea_orm::entity::prelude::*;

/// One request and the verdict over its signature.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "receiver_hits")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub token: String,
    pub received_at: i64,
    pub headers: Document,
    pub body: String,
    pub verdict: Document,
}

no_relations!();
unscoped!();

/// Selects what the receiver of this token got.
pub fn of_receiver(token: &str) -> Select<Entity> {
    anywhere().filter(Column::Token.eq(token))
}

/// Removes what the receiver of this token got; filter it to keep the newest.
pub fn delete_of_receiver(token: &str) -> sea_orm::DeleteMany<Entity> {
    delete_anywhere().filter(Column::Token.eq(token))
}
