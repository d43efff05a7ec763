//! What goes in and out, in neutral names.

use crate::domain::Timestamp;
use crate::resources::products::types::present;
use entities::feature::Model;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// A new feature.
#[derive(Clone, Debug, Deserialize)]
pub struct CreateFeature {
    /// For people.
    pub name: String,
    /// For programs.
    pub code: String,
    /// Short text.
    #[serde(default)]
    pub description: Option<String>,
    /// The tenant's own data.
    #[serde(default)]
    pub metadata: Option<Value>,
}

/// A change; the code never changes, since programs ask for it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct UpdateFeature {
    /// For people.
    pub name: Option<String>,
    /// The code again.
    pub code: Option<String>,
    /// Short text; `null` clears it.
    #[serde(deserialize_with = "present")]
    pub description: Option<Option<String>>,
    /// The tenant's own data.
    pub metadata: Option<Value>,
}

/// Which features are meant, by code or by id.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Chosen {
    /// Codes, or ids among them.
    pub codes: Vec<String>,
    /// Ids.
    pub ids: Vec<Uuid>,
}

/// A feature as it is told.
#[derive(Clone, Debug, Serialize)]
pub struct FeatureView {
    /// Identity.
    pub id: Uuid,
    /// For people.
    pub name: String,
    /// For programs.
    pub code: String,
    /// Short text.
    pub description: Option<String>,
    /// The tenant's own data.
    pub metadata: Value,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it was deleted.
    pub deleted_at: Option<Timestamp>,
}

impl From<&Model> for FeatureView {
    fn from(row: &Model) -> Self {
        Self {
            id: row.id,
            name: row.name.clone(),
            code: row.code.clone(),
            description: row.description.clone(),
            metadata: row.metadata.0.clone(),
            created_at: Timestamp(row.created_at),
            updated_at: Timestamp(row.updated_at),
            deleted_at: row.deleted_at.map(Timestamp),
        }
    }
}
