//! The audit chain: each entry holds the hash of the one before it, so that a changed or missing entry shows.

use crate::domain::{Error, Result, Timestamp};
use entities::audit;
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The hash before the first entry.
const GENESIS: [u8; 32] = [0; 32];
/// Entries read at a time when a chain is verified.
const VERIFY_PAGE: u64 = 1_000;

/// One act to be recorded.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditEntry {
    /// Its own id.
    pub id: Uuid,
    /// Whose chain it joins.
    pub tenant: Uuid,
    /// Who did it, such as `key:<id>` or `person:<id>`.
    pub actor: String,
    /// What was done, such as `api_key.revoked`.
    pub action: String,
    /// To what, such as the key's id.
    pub target: String,
    /// More about it; never a secret.
    pub detail: Value,
    /// When, on the server's clock.
    pub happened_at: Timestamp,
}

/// The end of a tenant's chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) seq: i64,
    pub(super) hash: Vec<u8>,
}

impl Link {
    /// Reads where the tenant's chain ends, inside the transaction that will prolong it.
    pub(super) async fn last<C: ConnectionTrait>(connection: &C, tenant: Uuid) -> Result<Self, sea_orm::DbErr> {
        let last = audit::of(tenant)
            .order_by_desc(audit::Column::Seq)
            .limit(1)
            .one(connection)
            .await?;
        Ok(last.map_or_else(Self::first, |row| Self {
            seq: row.seq,
            hash: row.hash,
        }))
    }

    fn first() -> Self {
        Self {
            seq: 0,
            hash: GENESIS.to_vec(),
        }
    }

    /// Chains an entry behind this one.
    pub(super) fn next(&self, entry: AuditEntry) -> audit::Model {
        let mut row = audit::Model {
            id: entry.id,
            tenant: entry.tenant,
            seq: self.seq + 1,
            actor: entry.actor,
            action: entry.action,
            target: entry.target,
            detail: entry.detail.into(),
            happened_at: entry.happened_at.0,
            previous_hash: self.hash.clone(),
            hash: Vec::new(),
        };
        row.hash = hash(&row);
        row
    }
}

/// Checks a tenant's whole chain; answers the number of entries, or the place of the first that does not fit.
pub async fn verify<C: ConnectionTrait>(connection: &C, tenant: Uuid) -> Result<u64> {
    let mut link = Link::first();
    loop {
        let rows = audit::of(tenant)
            .filter(audit::Column::Seq.gt(link.seq))
            .order_by_asc(audit::Column::Seq)
            .limit(VERIFY_PAGE)
            .all(connection)
            .await?;
        if rows.is_empty() {
            return Ok(u64::try_from(link.seq).unwrap_or(0));
        }
        for row in rows {
            if row.seq != link.seq + 1 || row.previous_hash != link.hash || row.hash != hash(&row) {
                return Err(Error::internal(format!(
                    "audit chain of {tenant} breaks at entry {}",
                    link.seq + 1
                )));
            }
            link = Link {
                seq: row.seq,
                hash: row.hash,
            };
        }
    }
}

/// SHA-256 over every column but the hash, each with its length before it so that no two entries read alike.
fn hash(row: &audit::Model) -> Vec<u8> {
    let mut hasher = Sha256::new();
    let mut put = |bytes: &[u8]| {
        hasher.update((bytes.len() as u64).to_be_bytes());
        hasher.update(bytes);
    };
    put(&row.previous_hash);
    put(row.id.as_bytes());
    put(row.tenant.as_bytes());
    put(&row.seq.to_be_bytes());
    put(&row.happened_at.to_be_bytes());
    put(row.actor.as_bytes());
    put(row.action.as_bytes());
    put(row.target.as_bytes());
    // The column keeps the text as it was written, so that its own spelling is canonical.
    put(row.detail.0.to_string().as_bytes());
    hasher.finalize().to_vec()
}
