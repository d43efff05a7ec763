//! Queries only.

use crate::domain::Result;
use crate::store::errors::map;
use entities::{Mode, origin, product, tenant};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

/// Shops that name one origin, at most.
const SHOPS_MAX: u64 = 1_000;

/// Who lets pages of this origin sell for him.
pub(super) async fn tenants_of_origin(db: &impl ConnectionTrait, name: &str) -> Result<Vec<Uuid>> {
    let rows = origin::anywhere()
        .filter(origin::Column::Origin.eq(name))
        .limit(SHOPS_MAX)
        .all(db)
        .await
        .map_err(map)?;
    Ok(rows.into_iter().map(|row| row.tenant).collect())
}

/// Live products of that slug, whosever they are.
pub(super) async fn products(db: &impl ConnectionTrait, slug: &str) -> Result<Vec<product::Model>> {
    product::anywhere()
        .filter(product::Column::Slug.eq(slug))
        .filter(product::Column::Mode.eq(Mode::Live))
        .filter(product::Column::DeletedAt.is_null())
        .limit(SHOPS_MAX)
        .all(db)
        .await
        .map_err(map)
}

/// The shop, unless it is suspended.
pub(super) async fn shop(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<tenant::Model>> {
    let row = tenant::by_id(id).one(db).await.map_err(map)?;
    Ok(row.filter(|row| !row.suspended))
}
