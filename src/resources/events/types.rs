//! What goes in and out, in neutral names.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Which kinds of events are wanted, and in whose words.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListKinds {
    /// The dialect of schemas and examples; absent means the caller's.
    pub dialect: Option<String>,
}

/// Which events are followed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Follow {
    /// Names in the caller's dialect; absent or `*` means all it carries.
    pub events: Option<Vec<String>>,
    /// The last event the caller has seen; absent means from now on.
    pub last_event_id: Option<String>,
}

/// A kind of event as it is told to whoever subscribes.
#[derive(Clone, Debug, Serialize)]
pub struct KindView {
    /// Its name.
    pub name: String,
    /// What has happened when it is told.
    pub description: String,
    /// The dialects an endpoint can subscribe to it in.
    pub dialects: Vec<String>,
    /// JSON Schema of the body.
    pub schema: Value,
    /// A body.
    pub example: Value,
}
