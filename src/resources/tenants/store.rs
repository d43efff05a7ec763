//! Queries only.

use crate::domain::Result;
use crate::domain::dialect::{PageInfo, PageRequest};
use crate::store::errors::map;
use crate::store::listing::{self, Sort};
use crate::store::{Store, Tx, rows};
use entities::{key_holder, membership, tenant};
use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter};
use uuid::Uuid;

pub(super) async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<tenant::Model>> {
    tenant::by_id(id).one(db).await.map_err(map)
}

pub(super) async fn slug_taken(tx: &Tx, slug: &str) -> Result<bool> {
    tenant::by_slug(slug).one(tx).await.map(|row| row.is_some()).map_err(map)
}

pub(super) async fn insert(tx: &Tx, row: &tenant::Model) -> Result<()> {
    rows::insert(tx, row).await
}

pub(super) async fn replace(tx: &Tx, row: &tenant::Model) -> Result<()> {
    rows::replace(tx, row).await
}

pub(super) async fn own(tx: &Tx, tenant: &tenant::Model, person: Uuid) -> Result<()> {
    let row = membership::Model {
        person,
        tenant: tenant.id,
        role: membership::Role::Owner,
        created_at: tenant.created_at,
    };
    rows::insert(tx, &row).await
}

/// The tenant that holds a person's keys.
pub(super) async fn held_by(db: &impl ConnectionTrait, person: Uuid) -> Result<Option<tenant::Model>> {
    match key_holder::of_person(person).one(db).await.map_err(map)? {
        Some(holder) => find(db, holder.tenant).await,
        None => Ok(None),
    }
}

pub(super) async fn hold(tx: &Tx, row: &key_holder::Model) -> Result<()> {
    rows::insert(tx, row).await
}

/// One page of the shops; what holds keys alone is none.
pub(super) async fn list(store: &Store, page: &PageRequest) -> Result<(Vec<tenant::Model>, PageInfo)> {
    let held = Query::select()
        .column(key_holder::Column::Tenant)
        .from(key_holder::Entity)
        .to_owned();
    let shops = tenant::anywhere().filter(tenant::Column::Id.not_in_subquery(held));
    let sort = Sort::newest(tenant::Column::CreatedAt, tenant::Column::Id);
    listing::list(store.read(), shops.clone(), shops, sort, page).await
}
