//! Queries only.

use crate::domain::Result;
use crate::store::errors::map;
use crate::store::{Store, Tx, rows};
use entities::{endpoint, receiver, receiver_hit};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

/// Deliveries a receiver keeps.
pub(super) const KEPT: u64 = 100;
/// Endpoints looked at for the one that sent a delivery.
const ENDPOINTS_MAX: u64 = 50;

pub(super) async fn insert(tx: &Tx, row: &receiver::Model) -> Result<()> {
    rows::insert(tx, row).await
}

pub(super) async fn find(db: &impl ConnectionTrait, token: &str) -> Result<Option<receiver::Model>> {
    receiver::by_token(token).one(db).await.map_err(map)
}

/// The endpoints that send to a URL, whoever owns them; a receiver's token is known to its maker only.
pub(super) async fn endpoints_at(store: &Store, url: &str) -> Result<Vec<endpoint::Model>> {
    let found = endpoint::anywhere()
        .filter(endpoint::Column::Url.eq(url))
        .filter(endpoint::Column::DeletedAt.is_null());
    found.limit(ENDPOINTS_MAX).all(store.read()).await.map_err(map)
}

pub(super) async fn add_hit(tx: &Tx, row: &receiver_hit::Model) -> Result<()> {
    rows::insert(tx, row).await?;
    let kept = receiver_hit::of_receiver(&row.token)
        .order_by_desc(receiver_hit::Column::Id)
        .offset(KEPT)
        .limit(KEPT);
    let old: Vec<Uuid> = kept.all(tx).await.map_err(map)?.into_iter().map(|hit| hit.id).collect();
    if !old.is_empty() {
        let delete = receiver_hit::delete_of_receiver(&row.token).filter(receiver_hit::Column::Id.is_in(old));
        delete.exec(tx).await.map_err(map)?;
    }
    Ok(())
}

pub(super) async fn hits(store: &Store, token: &str) -> Result<Vec<receiver_hit::Model>> {
    let kept = receiver_hit::of_receiver(token)
        .order_by_desc(receiver_hit::Column::Id)
        .limit(KEPT);
    kept.all(store.read()).await.map_err(map)
}
