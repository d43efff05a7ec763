//! Sellers, the unit of isolation.

use crate::Document;
use sea_orm::entity::prelude::*;

/// One seller.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "tenants")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Eight random bytes that its keys carry, so that a key finds its tenant without a look-up.
    #[sea_orm(unique)]
    pub route: Vec<u8>,
    #[sea_orm(unique)]
    pub slug: String,
    pub name: String,
    /// The dialect it is answered in by default.
    pub dialect: String,
    /// The operator's `{per_minute?, per_day?, keys_per_minute_max?}`.
    pub limits: Document,
    pub suspended: bool,
    pub settings: Document,
    pub created_at: i64,
    pub updated_at: i64,
}

no_relations!();
unscoped!();

/// Selects the tenant of this id.
pub fn by_id(id: Uuid) -> Select<Entity> {
    anywhere().filter(Column::Id.eq(id))
}

/// Selects the tenant of this slug.
pub fn by_slug(slug: &str) -> Select<Entity> {
    anywhere().filter(Column::Slug.eq(slug))
}

/// Selects the tenant whose keys carry this route.
pub fn by_route(route: &[u8]) -> Select<Entity> {
    anywhere().filter(Column::Route.eq(route))
}

/// Updates the tenant of this id.
pub fn update_by_id(id: Uuid) -> sea_orm::UpdateMany<Entity> {
    update_anywhere().filter(Column::Id.eq(id))
}
