//! What goes out, in neutral names.

use crate::domain::Timestamp;
use entities::consent::Model;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Which answers are wanted.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListConsents {
    /// Those given at one purchase.
    pub checkout_id: Option<Uuid>,
    /// Given at this moment or later.
    pub from_at: Option<Timestamp>,
    /// Given at this moment or before.
    pub to_at: Option<Timestamp>,
}

/// One answer of one visitor.
#[derive(Clone, Debug, Serialize)]
pub struct ConsentView {
    /// Identity.
    pub id: Uuid,
    /// The purchase he was about.
    pub checkout_id: Option<Uuid>,
    /// What his browser calls itself.
    pub visitor_id: Option<String>,
    /// Whether he may be counted.
    pub analytics: bool,
    /// Whether he may be told of to advertisers.
    pub marketing: bool,
    /// Which wording he was shown.
    pub version: Option<String>,
    /// Tells two network addresses apart, and neither's whereabouts.
    pub address_digest: String,
    /// His browser.
    pub user_agent: Option<String>,
    /// When.
    pub created_at: Timestamp,
}

impl From<&Model> for ConsentView {
    fn from(row: &Model) -> Self {
        Self {
            id: row.id,
            checkout_id: row.checkout,
            visitor_id: row.visitor.clone(),
            analytics: row.analytics,
            marketing: row.marketing,
            version: row.version.clone(),
            address_digest: row.address_digest.clone(),
            user_agent: row.user_agent.clone(),
            created_at: Timestamp(row.created_at),
        }
    }
}
