//! What goes in and out, in neutral names.

use super::rules;
use crate::domain::dialect::Dialects;
use crate::domain::rate_limit::Grant;
use crate::domain::{Mode, Timestamp};
use crate::resources::products::types::present;
use entities::api_key::Model;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A new key.
#[derive(Clone, Debug, Deserialize)]
pub struct CreateKey {
    /// For people, 1 to 100 characters.
    pub name: String,
    /// Scope names of the key's dialect; absent means what that dialect says.
    #[serde(default)]
    pub scopes: Option<Vec<String>>,
    /// Calls a clock minute.
    #[serde(default)]
    pub rate_limit_per_minute: Option<u32>,
    /// Calls a UTC day.
    #[serde(default)]
    pub rate_limit_per_day: Option<u32>,
    /// When it stops working; absent or null means never.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
    /// Free text.
    #[serde(default)]
    pub note: Option<String>,
    /// Networks in CIDR form it may be used from; absent means anywhere.
    #[serde(default)]
    pub allowed_networks: Option<Vec<String>>,
    /// Dialect of the key; absent means the tenant's.
    #[serde(default)]
    pub dialect: Option<String>,
    /// `live` or `test`.
    #[serde(default)]
    pub mode: Option<String>,
    /// Whose key it shall be, where the body says so.
    #[serde(default)]
    pub creator_id: Option<String>,
}

/// A key that the operator makes for a tenant, or takes over from elsewhere as it is.
#[derive(Deserialize)]
pub struct GrantKey {
    /// What any new key has.
    #[serde(flatten)]
    pub create: CreateKey,
    /// The text of a key that exists already; its prefix tells dialect and mode.
    #[serde(default)]
    pub key: Option<String>,
    /// SHA-256 of such a text in hex, where the text itself is not known.
    #[serde(default)]
    pub digest: Option<String>,
    /// What may be shown of a key known by its digest.
    #[serde(default)]
    pub key_prefix: Option<String>,
}

/// A change; absent members stay as they are.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct UpdateKey {
    /// For people.
    pub name: Option<String>,
    /// Scope names of the key's dialect.
    pub scopes: Option<Vec<String>>,
    /// Calls a clock minute.
    pub rate_limit_per_minute: Option<u32>,
    /// Calls a UTC day; null for the usual number.
    #[serde(deserialize_with = "present")]
    pub rate_limit_per_day: Option<Option<u32>>,
    /// Whether it works; a disabled key can be enabled again.
    pub is_active: Option<bool>,
    /// Free text.
    #[serde(deserialize_with = "present")]
    pub note: Option<Option<String>>,
    /// When it stops working.
    #[serde(deserialize_with = "present")]
    pub expires_at: Option<Option<Timestamp>>,
    /// Networks it may be used from; null or none means anywhere.
    #[serde(deserialize_with = "present")]
    pub allowed_networks: Option<Option<Vec<String>>>,
}

/// A replacement.
#[derive(Clone, Debug, Deserialize)]
pub struct RotateKey {
    /// Hours the old key stays good, 0 to 168.
    pub grace_period_hours: u32,
}

/// Which keys are wanted.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListKeys {
    /// Leaves revoked ones out, as a contract may say.
    pub live_only: bool,
    /// Whether revoked ones are told; absent means they are, unless the contract says otherwise.
    pub include_revoked: Option<bool>,
    /// Keys of one mode only.
    pub mode: Option<Mode>,
    /// Keys of one dialect only.
    #[serde(skip)]
    pub dialect: Option<String>,
}

impl ListKeys {
    /// Whether revoked keys are left out.
    pub fn leaves_revoked_out(&self) -> bool {
        self.include_revoked.map_or(self.live_only, |wanted| !wanted)
    }
}

/// Why a key is revoked.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct RevokeKey {
    /// For the owner's own memory.
    pub reason: Option<String>,
}

/// What an operator's call revokes.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct RevokeRaw {
    /// One key, by its value.
    pub key: Option<String>,
    /// All of this creator's.
    pub creator_id: Option<String>,
}

/// A key as it is told to its owner.
#[derive(Clone, Debug, Serialize)]
pub struct KeyView {
    /// Identity.
    pub id: Uuid,
    /// For people.
    pub name: String,
    /// Free text.
    pub note: Option<String>,
    /// The key itself; only in the answer that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// A reminder to keep it, beside the key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warning: Option<&'static str>,
    /// Its first characters, for display; not unique.
    pub key_prefix: String,
    /// SHA-256 of the whole key, lower-case hex.
    pub digest_hex: String,
    /// Scope names of the key's dialect.
    pub scopes: Vec<String>,
    /// Calls a clock minute, as they are in force.
    pub rate_limit_per_minute: Option<u32>,
    /// Calls a UTC day, as they are in force.
    pub rate_limit_per_day: Option<u32>,
    /// When it stops working.
    pub expires_at: Option<Timestamp>,
    /// Whether it works for good: not revoked, disabled nor replaced.
    pub is_active: bool,
    /// When it was last used, a few seconds late.
    pub last_used_at: Option<Timestamp>,
    /// Where from.
    pub last_used_ip: Option<String>,
    /// How often, a few seconds late.
    pub usage_count: i64,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// Why.
    pub revoked_reason: Option<String>,
    /// Until when a replaced key stays good.
    pub grace_until_at: Option<Timestamp>,
    /// Networks it may be used from.
    pub allowed_networks: Option<Vec<String>>,
    /// Slug of the tenant it belongs to.
    pub creator_id: String,
    /// Live or test rows.
    pub mode: &'static str,
    /// Its dialect.
    pub dialect: String,
    /// Whether it was revoked.
    pub revoked: bool,
    /// The tenant's public key for offline files; in the answer that made the key, where the contract says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_key: Option<String>,
    /// The tenant's key for signed answers; likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signing_key: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What a key's row alone does not tell.
#[derive(Clone)]
pub struct Surroundings {
    /// Slug of the tenant.
    pub slug: String,
    /// The tenant's quotas.
    pub grant: Grant,
    /// All dialects.
    pub dialects: Dialects,
}

impl KeyView {
    /// The view of a row.
    pub fn new(row: &Model, around: &Surroundings) -> Self {
        let dialect = around.dialects.get(&row.dialect).unwrap_or_else(|| around.dialects.native());
        let limits = rules::limits(row, &around.grant, dialect);
        Self {
            id: row.id,
            name: row.name.clone(),
            note: row.note.clone(),
            key: None,
            warning: None,
            key_prefix: row.key_prefix.clone(),
            digest_hex: hex::encode(&row.digest),
            scopes: rules::shown_scopes(row, dialect),
            rate_limit_per_minute: limits.per_minute,
            rate_limit_per_day: limits.per_day,
            expires_at: row.expires_at.map(Timestamp),
            is_active: row.is_active && row.revoked_at.is_none(),
            last_used_at: row.last_used_at.map(Timestamp),
            last_used_ip: row.last_used_ip.clone(),
            usage_count: row.usage_count,
            revoked_at: row.revoked_at.map(Timestamp),
            revoked_reason: row.revoked_reason.clone(),
            grace_until_at: row.grace_until_at.map(Timestamp),
            allowed_networks: row.allowed_networks.clone().map(|networks| networks.0),
            creator_id: around.slug.clone(),
            mode: Mode::from(row.mode).name(),
            dialect: row.dialect.clone(),
            revoked: row.revoked_at.is_some(),
            public_key: None,
            signing_key: None,
            created_at: Timestamp(row.created_at),
        }
    }
}

/// Both keys of a rotation.
#[derive(Clone, Debug, Serialize)]
pub struct RotationView {
    /// The key that takes over.
    pub new_key: KeyView,
    /// The key that leaves.
    pub old_key: OldKeyView,
}

/// The key that leaves.
#[derive(Clone, Debug, Serialize)]
pub struct OldKeyView {
    /// Identity.
    pub id: Uuid,
    /// Until when it stays good; null means not at all.
    pub grace_until_at: Option<Timestamp>,
    /// For people.
    pub message: String,
}
