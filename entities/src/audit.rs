//! Who did what, each entry chained to the one before it.

use crate::Document;
use sea_orm::entity::prelude::*;

/// One entry of a tenant's chain.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_log")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant: Uuid,
    /// Its place in the tenant's chain, from 1 without gaps.
    pub seq: i64,
    pub actor: String,
    pub action: String,
    pub target: String,
    pub detail: Document,
    pub happened_at: i64,
    /// The hash of the entry before it; 32 zeros for the first.
    pub previous_hash: Vec<u8>,
    pub hash: Vec<u8>,
}

no_relations!();

/// Selects a tenant's chain; it covers both modes.
#[expect(clippy::disallowed_methods, reason = "the scoped finder itself")]
pub fn of(tenant: Uuid) -> Select<Entity> {
    Entity::find().filter(Column::Tenant.eq(tenant))
}
