//! Signed-in people; the token itself is kept nowhere, only its digest.

use sea_orm::entity::prelude::*;

/// One session.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub person: Uuid,
    /// SHA-256 of the token.
    #[sea_orm(unique)]
    pub digest: Vec<u8>,
    pub created_at: i64,
    pub expires_at: i64,
    pub last_seen_at: i64,
    pub address: Option<String>,
    pub user_agent: Option<String>,
}

/// What a session refers to.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    /// Whose session it is.
    #[sea_orm(
        belongs_to = "crate::person::Entity",
        from = "Column::Person",
        to = "crate::person::Column::Id"
    )]
    Person,
}

impl Related<crate::person::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Person.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}

unscoped!();

/// Selects the session whose token has this digest.
pub fn by_digest(digest: &[u8]) -> Select<Entity> {
    anywhere().filter(Column::Digest.eq(digest))
}

/// Selects a person's sessions.
pub fn of_person(person: Uuid) -> Select<Entity> {
    anywhere().filter(Column::Person.eq(person))
}

/// Updates the session of this id.
pub fn update_by_id(id: Uuid) -> sea_orm::UpdateMany<Entity> {
    update_anywhere().filter(Column::Id.eq(id))
}

/// Ends sessions of a person; filter it to spare some.
pub fn delete_of_person(person: Uuid) -> sea_orm::DeleteMany<Entity> {
    delete_anywhere().filter(Column::Person.eq(person))
}

/// Removes the sessions that have run out by `now`, in epoch milliseconds.
pub fn delete_expired(now: i64) -> sea_orm::DeleteMany<Entity> {
    delete_anywhere().filter(Column::ExpiresAt.lte(now))
}
