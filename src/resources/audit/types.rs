//! What goes in and out, in neutral names.

use crate::domain::Timestamp;
use entities::audit::Model;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// Which entries are wanted; what is absent does not narrow them down.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListEntries {
    /// What was done, such as `api_key.revoked`.
    pub action: Option<String>,
    /// Who did it, such as `person:<id>`.
    pub actor: Option<String>,
    /// To what: an id.
    pub target: Option<String>,
    /// Not before.
    pub from_at: Option<Timestamp>,
    /// Not after.
    pub to_at: Option<Timestamp>,
}

/// One entry.
#[derive(Clone, Debug, Serialize)]
pub struct EntryView {
    /// Identity.
    pub id: Uuid,
    /// Its place in the chain, from 1 without gaps.
    pub seq: i64,
    /// Who.
    pub actor: String,
    /// Did what.
    pub action: String,
    /// To what.
    pub target: String,
    /// More about it; never a secret.
    pub detail: Value,
    /// When.
    pub happened_at: Timestamp,
    /// Hash of the entry before it, in hex.
    pub previous_hash: String,
    /// Its own hash, in hex.
    pub hash: String,
}

impl From<&Model> for EntryView {
    fn from(row: &Model) -> Self {
        Self {
            id: row.id,
            seq: row.seq,
            actor: row.actor.clone(),
            action: row.action.clone(),
            target: row.target.clone(),
            detail: row.detail.0.clone(),
            happened_at: Timestamp(row.happened_at),
            previous_hash: hex::encode(&row.previous_hash),
            hash: hex::encode(&row.hash),
        }
    }
}
