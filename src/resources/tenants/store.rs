//! Queries only.

use crate::domain::Result;
use crate::domain::dialect::{PageInfo, PageRequest};
use crate::store::errors::map;
use crate::store::listing::{self, Sort};
use crate::store::{Store, Tx};
use entities::{membership, person, tenant};
use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, IntoActiveModel};
use uuid::Uuid;

pub(super) async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<tenant::Model>> {
    tenant::by_id(id).one(db).await.map_err(map)
}

pub(super) async fn slug_taken(tx: &Tx, slug: &str) -> Result<bool> {
    tenant::by_slug(slug).one(tx).await.map(|row| row.is_some()).map_err(map)
}

pub(super) async fn insert(tx: &Tx, row: &tenant::Model) -> Result<()> {
    tenant::Entity::insert(row.clone().into_active_model())
        .exec_without_returning(tx)
        .await
        .map(|_| ())
        .map_err(map)
}

pub(super) async fn replace(tx: &Tx, row: &tenant::Model) -> Result<()> {
    row.clone()
        .into_active_model()
        .reset_all()
        .update(tx)
        .await
        .map(|_| ())
        .map_err(map)
}

/// Makes the person an owner; somebody who has an account already keeps it as it is.
pub(super) async fn own(tx: &Tx, tenant: &tenant::Model, owner: &person::Model) -> Result<()> {
    let known = person::by_email(&owner.email).one(tx).await.map_err(map)?;
    let person = match known {
        Some(person) => person.id,
        None => {
            person::Entity::insert(owner.clone().into_active_model())
                .exec_without_returning(tx)
                .await
                .map_err(map)?;
            owner.id
        }
    };
    let row = membership::Model {
        person,
        tenant: tenant.id,
        role: membership::Role::Owner,
        created_at: tenant.created_at,
    };
    membership::Entity::insert(row.into_active_model())
        .exec_without_returning(tx)
        .await
        .map(|_| ())
        .map_err(map)
}

pub(super) async fn list(store: &Store, page: &PageRequest) -> Result<(Vec<tenant::Model>, PageInfo)> {
    let sort = Sort::newest(tenant::Column::CreatedAt, tenant::Column::Id);
    listing::list(store.read(), tenant::anywhere(), tenant::anywhere(), sort, page).await
}
