//! What goes in and out, in neutral names.

use crate::domain::Timestamp;
use crate::resources::licensing::views::{LicenseView, MachineView};
use crate::resources::products::types::present;
use entities::license_violation;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// A new licence.
#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "the members are those of the contract")]
pub struct IssueLicense {
    pub email: String,
    pub product: String,
    #[serde(default)]
    pub variant: Option<String>,
    #[serde(default)]
    pub max_machines: Option<i64>,
    #[serde(default)]
    pub max_concurrent: Option<i64>,
    #[serde(default)]
    pub license_type: Option<String>,
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
    #[serde(default)]
    pub discount_code: Option<String>,
    #[serde(default)]
    pub purchase_id: Option<String>,
    #[serde(default)]
    pub bundle_id: Option<String>,
    #[serde(default)]
    pub unlocked_products: Vec<String>,
}

/// A licence by its key.
#[derive(Clone, Debug, Deserialize)]
pub struct Named {
    /// The key.
    pub key: String,
}

/// Which licences are wanted.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct SearchLicenses {
    /// Those of one product.
    pub product: Option<String>,
    /// Those of one holder.
    pub email: Option<String>,
    /// So many at most.
    pub limit: Option<u64>,
}

/// A change.
#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "the members are those of the contract")]
pub struct AmendLicense {
    pub key: String,
    #[serde(default)]
    pub variant: Option<String>,
    #[serde(default)]
    pub max_machines: Option<i64>,
    #[serde(default)]
    pub status: Option<String>,
    #[serde(default, deserialize_with = "present")]
    pub expires_at: Option<Option<Timestamp>>,
}

/// A withdrawal.
#[derive(Clone, Debug, Deserialize)]
pub struct WithdrawLicense {
    /// The key.
    pub key: String,
    /// Why.
    #[serde(default)]
    pub reason: Option<String>,
}

/// Violations that are done with.
#[derive(Clone, Debug, Deserialize)]
pub struct ResolveViolations {
    /// The key.
    pub key: String,
    /// Which ones; all where none is named.
    #[serde(default)]
    pub violation_ids: Option<Vec<String>>,
}

/// What a program says of itself.
#[derive(Clone, Debug, Deserialize)]
pub struct Machine {
    /// The licence's key.
    pub key: String,
    /// What tells it from others.
    #[serde(default)]
    pub fingerprint: String,
    /// Its name in the network.
    #[serde(default)]
    pub hostname: Option<String>,
    /// The product it is.
    #[serde(default)]
    pub product: String,
    /// Its token.
    #[serde(default)]
    pub token: Option<String>,
}

/// What a shop elsewhere tells.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the members are those of the contract")]
pub struct PurchaseEvent {
    pub kind: String,
    pub email: String,
    pub product: String,
    pub variant: Option<String>,
    pub purchase_id: Option<String>,
    pub discount_code: Option<String>,
    pub license_type: Option<String>,
    pub max_machines: Option<i64>,
    pub trial_days: Option<i64>,
    pub duration_days: Option<i64>,
    pub amount: Option<serde_json::Number>,
    pub currency: Option<String>,
}

/// A licence with all that belongs to it.
#[derive(Clone, Debug, Serialize)]
pub struct LicenseRecord {
    /// The licence.
    pub license: LicenseView,
    /// Its machines.
    pub activations: Vec<MachineView>,
    /// What looked like abuse.
    pub violations: Vec<ViolationView>,
    /// Seats taken.
    pub machines_used: i64,
}

/// Something that looked like abuse.
#[derive(Clone, Debug, Serialize)]
pub struct ViolationView {
    /// Identity.
    pub id: Uuid,
    /// What it is.
    pub kind: String,
    /// How bad it is.
    pub severity: String,
    /// When it was seen.
    pub detected_at: Timestamp,
    /// Whether somebody is done with it.
    pub resolved: bool,
    /// What was seen.
    pub details: Value,
}

impl From<&license_violation::Model> for ViolationView {
    fn from(row: &license_violation::Model) -> Self {
        Self {
            id: row.id,
            kind: row.kind.clone(),
            severity: row.severity.clone(),
            detected_at: Timestamp(row.detected_at),
            resolved: row.resolved_at.is_some(),
            details: row.details.0.clone(),
        }
    }
}
