//! What goes in and out, in neutral names.

use crate::domain::Timestamp;
use entities::label::Model;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A new label.
#[derive(Clone, Debug, Deserialize)]
pub struct CreateLabel {
    /// For people, 1 to 50 characters.
    pub name: String,
    /// For addresses, 1 to 50 characters, case kept.
    pub slug: String,
}

/// A change; absent members stay as they are.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct UpdateLabel {
    /// For people.
    pub name: Option<String>,
    /// For addresses.
    pub slug: Option<String>,
}

/// Which labels are wanted.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListLabels {
    /// Part of the name or slug, any case.
    pub search: Option<String>,
    /// `created_at`, `name` or `slug`.
    pub sort_by: Option<String>,
    /// `asc` or `desc`.
    pub sort_order: Option<String>,
}

/// A label as it is told.
#[derive(Clone, Debug, Serialize)]
pub struct LabelView {
    /// Identity.
    pub id: Uuid,
    /// For people.
    pub name: String,
    /// For addresses.
    pub slug: String,
    /// When it was made.
    pub created_at: Timestamp,
}

impl From<&Model> for LabelView {
    fn from(row: &Model) -> Self {
        Self {
            id: row.id,
            name: row.name.clone(),
            slug: row.slug.clone(),
            created_at: Timestamp(row.created_at),
        }
    }
}

/// A label as its products show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LabelRef {
    /// Identity.
    pub id: Uuid,
    /// For people.
    pub name: String,
    /// For addresses.
    pub slug: String,
}

impl From<Model> for LabelRef {
    fn from(row: Model) -> Self {
        Self {
            id: row.id,
            name: row.name,
            slug: row.slug,
        }
    }
}
