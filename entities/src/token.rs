//! Single-use links sent by mail: proofs of address, resets, sign-ins.

use crate::Document;
use sea_orm::entity::prelude::*;

/// One link.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "tokens")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose it is; nobody's where it was asked for an unknown address, and then no mail carries it.
    pub person: Option<Uuid>,
    /// What it may be used for; a link for one purpose is worthless for another.
    pub purpose: String,
    /// SHA-256 of the token.
    #[sea_orm(unique)]
    pub digest: Vec<u8>,
    pub payload: Document,
    pub expires_at: i64,
    pub used_at: Option<i64>,
    pub created_at: i64,
}

no_relations!();
unscoped!();

/// Selects the link whose token has this digest and purpose.
pub fn by_digest(purpose: &str, digest: &[u8]) -> Select<Entity> {
    anywhere()
        .filter(Column::Digest.eq(digest))
        .filter(Column::Purpose.eq(purpose))
}

/// Updates the link of this id as long as it is unused, so that one of two concurrent uses fails.
pub fn update_unused(id: Uuid) -> sea_orm::UpdateMany<Entity> {
    update_anywhere().filter(Column::Id.eq(id)).filter(Column::UsedAt.is_null())
}

/// Removes a person's links of one purpose.
pub fn delete_of_person(person: Uuid, purpose: &str) -> sea_orm::DeleteMany<Entity> {
    delete_anywhere()
        .filter(Column::Person.eq(person))
        .filter(Column::Purpose.eq(purpose))
}

/// Removes the links that have run out by `now`, in epoch milliseconds.
pub fn delete_expired(now: i64) -> sea_orm::DeleteMany<Entity> {
    delete_anywhere().filter(Column::ExpiresAt.lte(now))
}
