//! Built-in receivers, where deliveries can be looked at.

use sea_orm::entity::prelude::*;

/// One receiver.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "receivers")]
pub struct Model {
    /// The last part of its URL.
    #[sea_orm(primary_key, auto_increment = false)]
    pub token: String,
    /// None when the operator made it.
    pub tenant: Option<Uuid>,
    pub created_at: i64,
}

no_relations!();
unscoped!();

/// Selects the receiver of this token.
pub fn by_token(token: &str) -> Select<Entity> {
    anywhere().filter(Column::Token.eq(token))
}
