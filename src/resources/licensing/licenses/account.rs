//! Whose a key that is none may have been: a client that holds an account's signing key takes no unsigned answer.

use super::store;
use crate::context::Ctx;
use crate::domain::{Result, license_key};
use uuid::Uuid;

/// The one account that an unknown key can be of, where there is one: that of a deleted licence, the only one with products
/// of its prefix, or the only one there is.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn likely(ctx: &Ctx, key: &str) -> Result<Option<Uuid>> {
    let db = ctx.store().read();
    if let Some(row) = store::deleted(db, &license_key::digest(key)).await? {
        return Ok(Some(row.tenant));
    }
    let signing = ctx
        .house
        .dialects
        .all()
        .iter()
        .filter(|dialect| dialect.keys.tells_signing_keys);
    let dialects: Vec<&str> = signing.map(|dialect| dialect.name.as_str()).collect();
    let prefix = key.trim().split('-').next().unwrap_or_default().to_uppercase();
    let sellers = store::sellers_of(db, &prefix).await?;
    let mut found = store::accounts(db, &dialects, Some(&sellers)).await?;
    if found.is_empty() {
        found = store::accounts(db, &dialects, None).await?;
    }
    Ok(found.pop().filter(|_| found.is_empty()))
}
