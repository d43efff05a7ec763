//! Queries only.

use crate::domain::{Result, Timestamp};
use crate::store::Tx;
use crate::store::errors::map;
use entities::captcha_solution::{self, Column, Model};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};

/// Notes that a proof was shown; false where it had been before.
pub(super) async fn use_once(tx: &Tx, digest: &[u8], until: Timestamp) -> Result<bool> {
    let row = Model {
        digest: digest.to_vec(),
        until_at: until.0,
    };
    let inserted = captcha_solution::Entity::insert(row.into_active_model())
        .on_conflict(OnConflict::column(Column::Digest).do_nothing().to_owned())
        .exec_without_returning(tx)
        .await
        .map_err(map)?;
    Ok(inserted == 1)
}

/// Whether there are proofs that are over.
pub(super) async fn has_over(db: &impl ConnectionTrait, now: Timestamp) -> Result<bool> {
    let over = captcha_solution::anywhere().filter(Column::UntilAt.lte(now.0));
    over.one(db).await.map(|row| row.is_some()).map_err(map)
}

/// Forgets proofs that are over.
pub(super) async fn forget(tx: &Tx, now: Timestamp) -> Result<()> {
    captcha_solution::delete_anywhere()
        .filter(Column::UntilAt.lte(now.0))
        .exec(tx)
        .await
        .map(|_| ())
        .map_err(map)
}
