//! Web origins whose scripts may read a tenant's answers.

use sea_orm::entity::prelude::*;

/// One origin of one tenant.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "origins")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant: Uuid,
    /// As a browser sends it: scheme, host, and the port unless it is the scheme's own.
    #[sea_orm(primary_key, auto_increment = false)]
    pub origin: String,
    pub created_at: i64,
}

no_relations!();
unscoped!();

/// Selects a tenant's origins; they hold for both modes.
pub fn of(tenant: Uuid) -> Select<Entity> {
    anywhere().filter(Column::Tenant.eq(tenant))
}

/// Deletes a tenant's origins.
pub fn delete_of(tenant: Uuid) -> sea_orm::DeleteMany<Entity> {
    delete_anywhere().filter(Column::Tenant.eq(tenant))
}
