//! What goes in, in neutral names.

use crate::resources::products::types::present;
use entities::policy::{Cull, Expiration, Model, Uniqueness};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

/// A new policy.
#[derive(Clone, Debug, Deserialize)]
pub struct CreatePolicy {
    /// What it is about.
    pub product_id: Uuid,
    /// For people.
    pub name: String,
    /// Everything else, as in a change.
    #[serde(flatten)]
    pub rest: UpdatePolicy,
}

/// A change; absent members stay as they are.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the members are those of the row")]
pub struct UpdatePolicy {
    pub name: Option<String>,
    #[serde(deserialize_with = "present")]
    pub template: Option<Option<String>>,
    #[serde(deserialize_with = "present")]
    pub max_machines: Option<Option<i64>>,
    #[serde(deserialize_with = "present")]
    pub max_uses: Option<Option<i64>>,
    pub floating: Option<bool>,
    #[serde(deserialize_with = "present")]
    pub duration_days: Option<Option<i64>>,
    pub expiration_strategy: Option<String>,
    pub require_heartbeat: Option<bool>,
    pub heartbeat_interval_minutes: Option<i64>,
    pub heartbeat_cull_strategy: Option<String>,
    pub require_fingerprint: Option<bool>,
    pub fingerprint_uniqueness: Option<String>,
    pub offline_allowed: Option<bool>,
    pub offline_max_days: Option<i64>,
    pub allow_machine_transfer: Option<bool>,
    pub is_trial: Option<bool>,
    #[serde(deserialize_with = "present")]
    pub trial_duration_days: Option<Option<i64>>,
    pub overridable: Option<bool>,
    pub metadata: Option<Value>,
}

impl UpdatePolicy {
    /// Applies the change to a row.
    pub fn apply(&self, row: &mut Model) {
        fn set<T: Clone>(into: &mut T, value: Option<&T>) {
            if let Some(value) = value {
                into.clone_from(value);
            }
        }
        set(&mut row.name, self.name.as_ref());
        set(&mut row.template, self.template.as_ref());
        set(&mut row.max_machines, self.max_machines.as_ref());
        set(&mut row.max_uses, self.max_uses.as_ref());
        set(&mut row.floating, self.floating.as_ref());
        set(&mut row.duration_days, self.duration_days.as_ref());
        set(&mut row.require_heartbeat, self.require_heartbeat.as_ref());
        set(&mut row.heartbeat_minutes, self.heartbeat_interval_minutes.as_ref());
        set(&mut row.require_fingerprint, self.require_fingerprint.as_ref());
        set(&mut row.offline_allowed, self.offline_allowed.as_ref());
        set(&mut row.offline_max_days, self.offline_max_days.as_ref());
        set(&mut row.allow_transfer, self.allow_machine_transfer.as_ref());
        set(&mut row.is_trial, self.is_trial.as_ref());
        set(&mut row.trial_days, self.trial_duration_days.as_ref());
        set(&mut row.overridable, self.overridable.as_ref());
        set(
            &mut row.expiration,
            self.expiration_strategy.as_deref().and_then(Expiration::parse).as_ref(),
        );
        set(
            &mut row.heartbeat_cull,
            self.heartbeat_cull_strategy.as_deref().and_then(Cull::parse).as_ref(),
        );
        set(
            &mut row.uniqueness,
            self.fingerprint_uniqueness.as_deref().and_then(Uniqueness::parse).as_ref(),
        );
        if let Some(metadata) = &self.metadata {
            row.metadata = metadata.clone().into();
        }
    }
}

/// Which policies are wanted.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListPolicies {
    /// Those of one product.
    pub product_id: Option<Uuid>,
}
