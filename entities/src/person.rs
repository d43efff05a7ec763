//! People who can sign in; they may own tenants and may buy anywhere.

use sea_orm::entity::prelude::*;

/// One person.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "persons")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// In lower case.
    #[sea_orm(unique)]
    pub email: String,
    pub name: Option<String>,
    /// Argon2 in its text form; none until the person sets a password.
    pub password_hash: Option<String>,
    pub email_verified_at: Option<i64>,
    pub created_at: i64,
    pub updated_at: i64,
}

no_relations!();
unscoped!();

/// Selects the person of this id.
pub fn by_id(id: Uuid) -> Select<Entity> {
    anywhere().filter(Column::Id.eq(id))
}

/// Selects the person of this address, which must be in lower case.
pub fn by_email(email: &str) -> Select<Entity> {
    anywhere().filter(Column::Email.eq(email))
}

/// Updates the person of this id.
pub fn update_by_id(id: Uuid) -> sea_orm::UpdateMany<Entity> {
    update_anywhere().filter(Column::Id.eq(id))
}
