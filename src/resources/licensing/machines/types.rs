//! What goes in, in neutral names.

use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

/// A machine that asks for a seat.
#[derive(Clone, Debug, Deserialize)]
pub struct CreateMachine {
    /// The licence, where no licence key says which.
    #[serde(default)]
    pub license_id: Option<Uuid>,
    /// What tells it from others.
    pub fingerprint: String,
    /// For people.
    #[serde(default)]
    pub name: Option<String>,
    /// Its name in the network.
    #[serde(default)]
    pub hostname: Option<String>,
    /// Its system.
    #[serde(default)]
    pub platform: Option<String>,
    /// Its processors.
    #[serde(default)]
    pub cores: Option<i64>,
    /// The tenant's own data.
    #[serde(default)]
    pub metadata: Option<Value>,
}

/// Which machines are wanted.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListMachines {
    /// Those of one licence.
    pub license_id: Option<Uuid>,
}
