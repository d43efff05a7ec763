//! People without a shop who have keys: each has a tenant that holds his keys and nothing else.

use sea_orm::entity::prelude::*;

/// One person and the tenant that holds his keys.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "key_holders")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub person: Uuid,
    #[sea_orm(unique)]
    pub tenant: Uuid,
    pub created_at: i64,
}

no_relations!();
unscoped!();

/// Selects what holds a person's keys.
pub fn of_person(person: Uuid) -> Select<Entity> {
    anywhere().filter(Column::Person.eq(person))
}

/// Selects whose keys a tenant holds.
pub fn of_tenant(tenant: Uuid) -> Select<Entity> {
    anywhere().filter(Column::Tenant.eq(tenant))
}
