//! The audit chain: each entry holds the hash of the one before it, so that a changed or missing entry shows.

mod verify;

pub use verify::{Chain, Finding, verify, verify_all};

use crate::domain::Timestamp;
use entities::audit;
use sea_orm::{ConnectionTrait, QueryOrder, QuerySelect};
use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The hash before the first entry.
const GENESIS: [u8; 32] = [0; 32];

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
        row.hash = hash(&Columns {
            id: row.id,
            tenant: row.tenant,
            seq: row.seq,
            actor: &row.actor,
            action: &row.action,
            target: &row.target,
            detail: &row.detail.0.to_string(),
            happened_at: row.happened_at,
            previous_hash: &row.previous_hash,
        });
        row
    }
}

/// The columns of an entry as they are stored.
struct Columns<'a> {
    id: Uuid,
    tenant: Uuid,
    seq: i64,
    actor: &'a str,
    action: &'a str,
    target: &'a str,
    /// The text in the column, whose own spelling is what counts.
    detail: &'a str,
    happened_at: i64,
    previous_hash: &'a [u8],
}

/// SHA-256 over every column but the hash, each with its length before it so that no two entries read alike.
fn hash(columns: &Columns<'_>) -> Vec<u8> {
    let mut hasher = Sha256::new();
    let mut put = |bytes: &[u8]| {
        hasher.update((bytes.len() as u64).to_be_bytes());
        hasher.update(bytes);
    };
    put(columns.previous_hash);
    put(columns.id.as_bytes());
    put(columns.tenant.as_bytes());
    put(&columns.seq.to_be_bytes());
    put(&columns.happened_at.to_be_bytes());
    put(columns.actor.as_bytes());
    put(columns.action.as_bytes());
    put(columns.target.as_bytes());
    put(columns.detail.as_bytes());
    hasher.finalize().to_vec()
}
