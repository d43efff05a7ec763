//! What goes in and out, in neutral names.

use crate::domain::Timestamp;
pub use crate::domain::rate_limit::Grant as TenantLimits;
use entities::tenant::Model;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// A new tenant.
#[derive(Deserialize)]
pub struct CreateTenant {
    /// For people.
    pub name: String,
    /// Unique name in addresses.
    pub slug: String,
    /// Default dialect; absent means the server's.
    #[serde(default)]
    pub dialect: Option<String>,
    /// The person who owns it.
    #[serde(default)]
    pub owner: Option<Owner>,
}

/// The person who owns a tenant; made with it, his address taken as proved.
#[derive(Deserialize)]
pub struct Owner {
    /// Address.
    pub email: String,
    /// Password; kept out of an existing person's account.
    pub password: String,
}

/// A change; absent members stay.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct UpdateTenant {
    /// For people.
    pub name: Option<String>,
    /// Default dialect.
    pub dialect: Option<String>,
    /// Quotas beyond the dialect's; `null` members take a quota back.
    pub limits: Option<Value>,
    /// Whether its keys and sessions are refused.
    pub suspended: Option<bool>,
}

/// A tenant as the operator sees it.
#[derive(Serialize)]
pub struct TenantView {
    /// Identity.
    pub id: Uuid,
    /// Unique name in addresses.
    pub slug: String,
    /// For people.
    pub name: String,
    /// Default dialect.
    pub dialect: String,
    /// Quotas beyond the dialect's.
    pub limits: Value,
    /// Whether it is refused.
    pub suspended: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl From<&Model> for TenantView {
    fn from(row: &Model) -> Self {
        Self {
            id: row.id,
            slug: row.slug.clone(),
            name: row.name.clone(),
            dialect: row.dialect.clone(),
            limits: row.limits.0.clone(),
            suspended: row.suspended,
            created_at: Timestamp(row.created_at),
            updated_at: Timestamp(row.updated_at),
        }
    }
}
