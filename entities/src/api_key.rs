//! Keys; the key itself is kept nowhere, only its digest and its first characters.

use crate::{Mode, Names};
use sea_orm::entity::prelude::*;

/// One key.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_keys")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant: Uuid,
    pub mode: Mode,
    pub dialect: String,
    pub name: String,
    pub note: Option<String>,
    /// SHA-256 of the whole key.
    #[sea_orm(unique)]
    pub digest: Vec<u8>,
    /// What may be shown of it.
    pub key_prefix: String,
    /// Scope names of its dialect, or `*` alone.
    pub scopes: Names,
    pub per_minute: Option<i32>,
    pub per_day: Option<i32>,
    pub expires_at: Option<i64>,
    pub is_active: bool,
    /// A rotated key works until then.
    pub grace_until_at: Option<i64>,
    pub revoked_at: Option<i64>,
    pub revoked_reason: Option<String>,
    /// CIDRs it may come from; none means any.
    pub allowed_networks: Option<Names>,
    pub last_used_at: Option<i64>,
    pub last_used_ip: Option<String>,
    pub usage_count: i64,
    pub created_by: Option<Uuid>,
    pub rotated_from: Option<Uuid>,
    pub created_at: i64,
    pub updated_at: i64,
}

/// What a key refers to.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    /// Whose key it is.
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

scoped!();
unscoped!();

/// Selects the key of this digest, whoever owns it: how an imported key finds its tenant.
pub fn by_digest_anywhere(digest: &[u8]) -> Select<Entity> {
    anywhere().filter(Column::Digest.eq(digest))
}

/// Selects a tenant's keys of both modes.
pub fn of_tenant(tenant: Uuid) -> Select<Entity> {
    anywhere().filter(Column::Tenant.eq(tenant))
}

/// Updates a tenant's keys of both modes.
pub fn update_of_tenant(tenant: Uuid) -> sea_orm::UpdateMany<Entity> {
    update_anywhere().filter(Column::Tenant.eq(tenant))
}
