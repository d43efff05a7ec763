//! Invitations to act for a tenant, open until they are accepted, withdrawn or run out; an accepted one is removed.

use crate::membership::Role;
use sea_orm::entity::prelude::*;

/// One open invitation.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "invitations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant: Uuid,
    /// In lower case; one open invitation per tenant and address.
    pub email: String,
    pub role: Role,
    /// The owner who invited.
    pub invited_by: Uuid,
    /// SHA-256 of the token that the mail carries.
    #[sea_orm(unique)]
    pub digest: Vec<u8>,
    pub created_at: i64,
    pub expires_at: i64,
}

/// What an invitation refers to.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    /// The tenant invited to.
    #[sea_orm(
        belongs_to = "crate::tenant::Entity",
        from = "Column::Tenant",
        to = "crate::tenant::Column::Id"
    )]
    Tenant,
}

impl Related<crate::tenant::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Tenant.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}

unscoped!();

/// Selects a tenant's invitations.
pub fn of_tenant(tenant: Uuid) -> Select<Entity> {
    anywhere().filter(Column::Tenant.eq(tenant))
}

/// Selects the invitation whose token has this digest.
pub fn by_digest(digest: &[u8]) -> Select<Entity> {
    anywhere().filter(Column::Digest.eq(digest))
}

/// Removes invitations of a tenant; filter it to spare some.
pub fn delete_of_tenant(tenant: Uuid) -> sea_orm::DeleteMany<Entity> {
    delete_anywhere().filter(Column::Tenant.eq(tenant))
}

/// Removes the invitations that have run out by `now`, in epoch milliseconds.
pub fn delete_expired(now: i64) -> sea_orm::DeleteMany<Entity> {
    delete_anywhere().filter(Column::ExpiresAt.lte(now))
}
