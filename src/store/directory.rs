//! Where the keys belong that do not say so themselves; rows are added and never change.

use super::{Store, Tx};
use crate::domain::api_key::{Digest, TenantRoute};
use crate::domain::{Result, Timestamp};
use entities::key_directory;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};

/// One key of the directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listed {
    /// SHA-256 of the whole key.
    pub digest: Digest,
    /// The route of its tenant.
    pub route: TenantRoute,
    /// When it was listed.
    pub created_at: Timestamp,
}

/// Lists a key.
pub async fn add(tx: &Tx, listed: Listed) -> Result<()> {
    let row = key_directory::Model {
        digest: listed.digest.0.to_vec(),
        route: listed.route.0.to_vec(),
        created_at: listed.created_at.0,
    };
    key_directory::Entity::insert(row.into_active_model())
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Finds one key; one query.
pub async fn find(store: &Store, digest: &Digest) -> Result<Option<Listed>> {
    let select = key_directory::anywhere().filter(key_directory::Column::Digest.eq(digest.0.to_vec()));
    Ok(select.one(store.read()).await?.and_then(listed))
}

/// Reads what was listed at or after `since`, oldest first, at most `max` keys.
pub async fn since(store: &Store, since: Timestamp, max: u64) -> Result<Vec<Listed>> {
    let rows = key_directory::anywhere()
        .filter(key_directory::Column::CreatedAt.gte(since.0))
        .order_by_asc(key_directory::Column::CreatedAt)
        .limit(max)
        .all(store.read())
        .await?;
    Ok(rows.into_iter().filter_map(listed).collect())
}

fn listed(row: key_directory::Model) -> Option<Listed> {
    Some(Listed {
        digest: Digest::from_slice(&row.digest)?,
        route: TenantRoute::from_slice(&row.route)?,
        created_at: Timestamp(row.created_at),
    })
}
