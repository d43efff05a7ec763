//! What goes in and out, in neutral names.

use super::super::views::MachineView;
use crate::domain::Timestamp;
use crate::resources::products::types::present;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// A new licence.
#[derive(Clone, Debug, Deserialize)]
pub struct CreateLicense {
    /// What it is a licence of.
    pub product_id: Uuid,
    /// The rules it follows.
    #[serde(default)]
    pub policy_id: Option<Uuid>,
    /// Features beside its policy's.
    #[serde(default)]
    pub entitlement_ids: Vec<Uuid>,
    /// Everything else, as in a change.
    #[serde(flatten)]
    pub rest: UpdateLicense,
}

/// A change; absent members stay as they are.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the members are those of the row")]
pub struct UpdateLicense {
    #[serde(deserialize_with = "present")]
    pub name: Option<Option<String>>,
    #[serde(deserialize_with = "present")]
    pub email: Option<Option<String>>,
    #[serde(deserialize_with = "present")]
    pub holder_name: Option<Option<String>>,
    #[serde(deserialize_with = "present")]
    pub tier: Option<Option<String>>,
    #[serde(deserialize_with = "present")]
    pub domain: Option<Option<String>>,
    #[serde(deserialize_with = "present")]
    pub expires_at: Option<Option<Timestamp>>,
    #[serde(deserialize_with = "present")]
    pub max_machines_override: Option<Option<i64>>,
    #[serde(deserialize_with = "present")]
    pub max_uses_override: Option<Option<i64>>,
    pub metadata: Option<Value>,
    /// Another policy of the same product.
    pub move_to_policy_id: Option<Uuid>,
}

/// Which licences are wanted.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListLicenses {
    /// Those of one product.
    pub product_id: Option<Uuid>,
    /// Those of one policy.
    pub policy_id: Option<Uuid>,
    /// Those that stand so.
    pub status: Option<String>,
    /// Those of one holder.
    pub email: Option<String>,
}

/// Why a licence is withdrawn.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Withdrawal {
    /// For the record.
    pub reason: Option<String>,
}

/// Until when a licence runs on.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct RenewLicense {
    /// Its new end; by default one more period of its policy.
    #[serde(deserialize_with = "present")]
    pub expires_at: Option<Option<Timestamp>>,
}

/// The question that programs ask.
#[derive(Clone, Debug, Deserialize)]
pub struct ValidateKey {
    /// The key.
    pub key: String,
    /// The machine that asks.
    #[serde(default)]
    pub fingerprint: Option<String>,
    /// Codes it wants unlocked.
    #[serde(default)]
    pub entitlements: Vec<String>,
}

/// The answer to it: no more of the licence than its holder may know.
#[derive(Clone, Debug, Serialize)]
pub struct ValidationAnswer {
    /// Whether the key is good.
    pub valid: bool,
    /// Why, or why not.
    pub code: &'static str,
    /// The licence.
    pub license: Option<Value>,
    /// The machine that asked.
    pub machine: Option<MachineView>,
    /// Codes of what is unlocked.
    pub entitlements: Vec<String>,
    /// Nothing as yet.
    pub metadata: Value,
}

/// What is told of a validation to who listens.
#[derive(Clone, Debug, Serialize)]
pub struct ValidationFact {
    /// The licence.
    pub license_id: Uuid,
    /// Whether it is good.
    pub valid: bool,
    /// Why, or why not.
    pub code: &'static str,
    /// The machine that asked.
    pub fingerprint: Option<String>,
    /// When.
    pub validated_at: Timestamp,
}
