//! What a tenant has set: one JSON object in his row, a member per subject.

use super::{Store, Tx};
use crate::domain::{Error, Result, Timestamp};
use entities::{Document, tenant};
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::Expr;
use serde_json::{Map, Value};
use uuid::Uuid;

/// Reads one subject's settings; nothing set is `null`.
pub async fn read(store: &Store, tenant: Uuid, subject: &str) -> Result<Value> {
    let mut all = all(store.read(), tenant).await?;
    Ok(all.remove(subject).unwrap_or_default())
}

/// Reads one subject's settings inside a command, with the tenant's name; of a tenant who is gone there is nothing.
pub async fn with_name(db: &impl ConnectionTrait, id: Uuid, subject: &str) -> Result<(String, Value)> {
    let Some(row) = tenant::by_id(id).one(db).await? else {
        return Ok(Default::default());
    };
    let subject = row.settings.get(subject).cloned().unwrap_or_default();
    Ok((row.name, subject))
}

/// Changes one subject's settings; `change` gets what is set and answers what shall be.
///
/// # Errors
/// `NotFound` where the tenant is gone; what `change` answers.
pub async fn change<T>(
    tx: &Tx,
    tenant: Uuid,
    subject: &str,
    now: Timestamp,
    change: impl FnOnce(&mut Value) -> Result<T>,
) -> Result<T> {
    let mut all = all(tx, tenant).await?;
    let result = change(all.entry(subject).or_insert(Value::Null))?;
    tenant::update_by_id(tenant)
        .col_expr(tenant::Column::Settings, Expr::value(Document::from(Value::Object(all))))
        .col_expr(tenant::Column::UpdatedAt, Expr::value(now.0))
        .exec(tx)
        .await?;
    Ok(result)
}

async fn all(db: &impl ConnectionTrait, id: Uuid) -> Result<Map<String, Value>> {
    let row = tenant::by_id(id).one(db).await?.ok_or_else(|| Error::not_found("tenant"))?;
    match row.settings.0 {
        Value::Object(all) => Ok(all),
        _ => Ok(Map::new()),
    }
}
