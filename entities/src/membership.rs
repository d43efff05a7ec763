//! Who may act for which tenant.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// What a person is to a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// May do everything.
    Owner,
    /// May do what the owner lets him.
    Member,
}

/// One person in one tenant.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "memberships")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub person: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant: Uuid,
    pub role: Role,
    pub created_at: i64,
}

/// What a membership refers to.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    /// The tenant acted for.
    #[sea_orm(
        belongs_to = "crate::tenant::Entity",
        from = "Column::Tenant",
        to = "crate::tenant::Column::Id"
    )]
    Tenant,
    /// The person who acts.
    #[sea_orm(
        belongs_to = "crate::person::Entity",
        from = "Column::Person",
        to = "crate::person::Column::Id"
    )]
    Person,
}

impl Related<crate::tenant::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Tenant.def()
    }
}

impl Related<crate::person::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Person.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}

unscoped!();

/// Selects what a person may act for.
pub fn of_person(person: Uuid) -> Select<Entity> {
    anywhere().filter(Column::Person.eq(person))
}

/// Selects who may act for a tenant.
pub fn of_tenant(tenant: Uuid) -> Select<Entity> {
    anywhere().filter(Column::Tenant.eq(tenant))
}
