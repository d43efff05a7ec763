//! Which web origins may read a tenant's answers from a browser.

use super::{Store, Tx};
use crate::domain::{Result, Timestamp};
use entities::origin;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

/// Says whether an origin may read the answers of a tenant, or of any tenant where none is named; one indexed query.
pub async fn is_allowed(store: &Store, tenant: Option<Uuid>, name: &str) -> Result<bool> {
    let select = match tenant {
        Some(tenant) => origin::of(tenant),
        None => origin::anywhere(),
    };
    let found = select.filter(origin::Column::Origin.eq(name)).count(store.read()).await?;
    Ok(found > 0)
}

/// Lists a tenant's origins in alphabetical order.
pub async fn list(store: &Store, tenant: Uuid) -> Result<Vec<String>> {
    let rows = origin::of(tenant)
        .order_by_asc(origin::Column::Origin)
        .all(store.read())
        .await?;
    Ok(rows.into_iter().map(|row| row.origin).collect())
}

/// Puts these in place of a tenant's origins.
pub async fn replace(tx: &Tx, tenant: Uuid, names: &[String], now: Timestamp) -> Result<()> {
    origin::delete_of(tenant).exec(tx).await?;
    if names.is_empty() {
        return Ok(());
    }
    let row = |name: &String| {
        origin::Model {
            tenant,
            origin: name.clone(),
            created_at: now.0,
        }
        .into_active_model()
    };
    origin::Entity::insert_many(names.iter().map(row))
        .exec_without_returning(tx)
        .await?;
    Ok(())
}
