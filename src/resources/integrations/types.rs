//! What goes in and out, in neutral names.

use crate::domain::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A change: the members that were sent, texts already checked by the form. `null` clears one.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub struct UpdateIntegrations(pub Map<String, Value>);

/// What was changed.
#[derive(Clone, Debug, Serialize)]
pub struct ChangedView {
    /// Always 1: a shop has one set of integrations.
    pub id: u32,
    /// When.
    pub updated_at: Timestamp,
    /// Names of what was sent, sorted.
    pub changed_fields: Vec<String>,
}
