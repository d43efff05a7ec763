//! Whether the master key is the one that this database was sealed with.
//!
//! A server with another key would start, and would sign nothing: its deliveries would fail until their endpoints were
//! switched off. So a known text is kept under the key, and a server that cannot open it does not start.

use super::Store;
use crate::domain::seal::Sealer;
use crate::domain::{Error, Result};
use entities::{endpoint, key_check};
use ring::aead::NONCE_LEN;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};

/// The name of the master key's row, and what is sealed in it for that context.
const MASTER: &str = "master";

/// Says whether the key opens what stands in the database; the first time it is asked, the key is remembered.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn is_ours(store: &Store, sealer: &Sealer, nonce: [u8; NONCE_LEN]) -> Result<bool> {
    let kept = key_check::anywhere().filter(key_check::Column::Name.eq(MASTER));
    if let Some(row) = kept.one(store.read()).await? {
        return Ok(opens(sealer, &row.sealed, MASTER));
    }
    // A database of before this check: the newest secret tells.
    let newest = endpoint::anywhere()
        .order_by_desc(endpoint::Column::Id)
        .one(store.read())
        .await?;
    if newest.is_some_and(|row| !opens(sealer, &row.secret_sealed, &row.id.to_string())) {
        return Ok(false);
    }
    let row = key_check::Model {
        name: MASTER.to_owned(),
        sealed: sealer.seal(MASTER.as_bytes(), nonce, MASTER).map_err(Error::internal)?,
    };
    store
        .command(async move |tx| {
            // Of two servers that start together one is first; the other one's text is as good.
            key_check::Entity::insert(row.clone().into_active_model())
                .on_conflict(OnConflict::column(key_check::Column::Name).do_nothing().to_owned())
                .exec_without_returning(tx)
                .await?;
            Ok(())
        })
        .await?;
    Ok(true)
}

fn opens(sealer: &Sealer, sealed: &str, context: &str) -> bool {
    sealer.open(sealed, context).is_some()
}
