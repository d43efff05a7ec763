//! What goes in and out, in neutral names.

use crate::domain::Timestamp;
use crate::resources::products::types::present;
use entities::endpoint::{Model, ProductFilter};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A new endpoint.
#[derive(Deserialize)]
pub struct CreateEndpoint {
    /// Where to send.
    pub url: String,
    /// Which events, in the dialect's names.
    #[serde(default)]
    pub events: Option<Vec<String>>,
    /// Everything else, as in a change.
    #[serde(flatten)]
    pub rest: EndpointFields,
}

/// A change; absent members stay.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct UpdateEndpoint {
    /// Where to send.
    pub url: Option<String>,
    /// Which events.
    pub events: Option<Vec<String>>,
    /// Everything else.
    #[serde(flatten)]
    pub rest: EndpointFields,
}

/// Members that creation and change share.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct EndpointFields {
    /// Free text, up to 500 characters.
    #[serde(deserialize_with = "present")]
    pub description: Option<Option<String>>,
    /// Whether it is sent to.
    pub is_active: Option<bool>,
    /// `all` or `selected`.
    pub product_filter_mode: Option<String>,
    /// With `selected`, 1 to 50 products.
    pub product_ids: Option<Vec<Uuid>>,
    /// Headers added to each request; write-only.
    #[serde(deserialize_with = "present")]
    pub custom_headers: Option<Option<BTreeMap<String, String>>>,
    /// Members added to each body.
    #[serde(deserialize_with = "present")]
    pub custom_payload_fields: Option<Option<Map<String, Value>>>,
    /// Members of `data` that are kept.
    #[serde(deserialize_with = "present")]
    pub payload_field_selection: Option<Option<Vec<String>>>,
}

/// Which sample is sent.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct TestEndpoint {
    /// The event, in the endpoint's dialect; absent means a synthetic one.
    pub event_type: Option<String>,
}

/// A replacement of the secret.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct RotateSecret {
    /// Hours the old secret signs beside the new one, 0 to 168.
    pub overlap_hours: u32,
}

/// A new secret, shown this once.
#[derive(Clone, Serialize)]
pub struct SecretView {
    /// The endpoint.
    pub id: Uuid,
    /// The new secret.
    pub secret: String,
    /// Until when the old one signs too; null means not any more.
    pub previous_until_at: Option<Timestamp>,
}

/// Which endpoints are wanted.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct ListEndpoints {
    /// `active`, `inactive` or `all`.
    pub status: Option<String>,
}

/// An endpoint as it is told to its owner.
#[derive(Clone, Debug, Serialize)]
pub struct EndpointView {
    /// Identity.
    pub id: Uuid,
    /// Where it sends.
    pub url: String,
    /// Which events, in the dialect's names.
    pub events: Vec<String>,
    /// Free text.
    pub description: Option<String>,
    /// Whether it is sent to.
    pub is_active: bool,
    /// `all` or `selected`.
    pub product_filter_mode: &'static str,
    /// The selected products.
    pub product_ids: Vec<Uuid>,
    /// Whether headers are added.
    pub has_custom_headers: bool,
    /// Their names.
    pub custom_header_names: Vec<String>,
    /// Members added to each body.
    pub custom_payload_fields: Option<Value>,
    /// Members of `data` that are kept.
    pub payload_field_selection: Option<Value>,
    /// The signing secret, for those who may write webhooks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// Whose it is.
    pub tenant_id: Uuid,
    /// When it was switched off by the rules.
    pub disabled_at: Option<Timestamp>,
    /// Why.
    pub disabled_reason: Option<String>,
    /// Deliveries held while it was off, which can be replayed; counted up to 10,000, where one endpoint is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held_deliveries: Option<u64>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it was deleted.
    pub deleted_at: Option<Timestamp>,
}

impl EndpointView {
    /// The view of a row; the names of its headers and its secret come opened.
    pub fn new(row: &Model, custom_header_names: Vec<String>, secret: Option<String>) -> Self {
        Self {
            id: row.id,
            url: row.url.clone(),
            events: row.events.0.clone(),
            description: row.description.clone(),
            is_active: row.is_active,
            product_filter_mode: match row.product_filter {
                ProductFilter::All => "all",
                ProductFilter::Selected => "selected",
            },
            product_ids: row.product_ids.0.clone(),
            has_custom_headers: !custom_header_names.is_empty(),
            custom_header_names,
            custom_payload_fields: row.custom_fields.clone().map(|fields| fields.0),
            payload_field_selection: row.field_selection.clone().map(|fields| fields.0),
            secret,
            tenant_id: row.tenant,
            disabled_at: row.disabled_at.map(Timestamp),
            disabled_reason: row.disabled_reason.clone(),
            held_deliveries: None,
            created_at: Timestamp(row.created_at),
            updated_at: Timestamp(row.updated_at),
            deleted_at: row.deleted_at.map(Timestamp),
        }
    }
}
