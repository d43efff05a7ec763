//! Totals that lists print without counting rows; `Tx::count` changes them.

use crate::domain::{Mode, Result};
use entities::counter;
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter};
use uuid::Uuid;

/// Which total is meant.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CounterKey {
    /// Whose.
    pub tenant: Uuid,
    /// Of which data set.
    pub mode: Mode,
    /// Of what, such as `products`.
    pub name: String,
}

impl CounterKey {
    /// Names one total of one tenant and mode.
    pub fn new(tenant: Uuid, mode: Mode, name: impl Into<String>) -> Self {
        Self {
            tenant,
            mode,
            name: name.into(),
        }
    }
}

/// Reads a total; one that was never counted is 0.
pub async fn read<C: ConnectionTrait>(connection: &C, key: &CounterKey) -> Result<i64> {
    let row = counter::of(key.tenant, key.mode)
        .filter(counter::Column::Name.eq(&key.name))
        .one(connection)
        .await?;
    Ok(row.map_or(0, |row| row.value))
}
