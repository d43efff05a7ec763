//! What goes in and out, in neutral names.

use crate::domain::Timestamp;
use crate::resources::products::types::{CreatorView, present};
use entities::review::Model;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A new review.
#[derive(Clone, Debug, Deserialize)]
pub struct CreateReview {
    /// 1 to 5.
    pub rating: i64,
    /// A few words; kept as they are, markup and all.
    #[serde(default)]
    pub title: Option<String>,
    /// The rest.
    #[serde(default)]
    pub body: Option<String>,
}

/// A change; absent members stay as they are.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ChangeReview {
    /// 1 to 5.
    pub rating: Option<i64>,
    /// A few words; `null` clears them.
    #[serde(deserialize_with = "present")]
    pub title: Option<Option<String>>,
    /// The rest; `null` clears it.
    #[serde(deserialize_with = "present")]
    pub body: Option<Option<String>>,
}

/// The maker's reply.
#[derive(Clone, Debug, Deserialize)]
pub struct ReplyReview {
    /// Its text.
    pub reply: String,
}

/// A review.
#[derive(Clone, Debug, Serialize)]
pub struct ReviewView {
    /// Identity.
    pub id: Uuid,
    /// Of which product.
    pub product_id: Uuid,
    /// 1 to 5.
    pub rating: i64,
    /// A few words.
    pub title: Option<String>,
    /// The rest.
    pub body: Option<String>,
    /// Always: nobody else may write one.
    pub is_verified_purchase: bool,
    /// Who wrote it.
    pub author: CreatorView,
    /// What the maker says to it.
    pub creator_reply: Option<String>,
    /// When he said it.
    pub replied_at: Option<Timestamp>,
    /// When it was written.
    pub created_at: Timestamp,
    /// When its author last changed it, or its product's maker replied.
    pub updated_at: Timestamp,
}

impl From<&Model> for ReviewView {
    fn from(row: &Model) -> Self {
        Self {
            id: row.id,
            product_id: row.product,
            rating: row.rating,
            title: row.title.clone(),
            body: row.body.clone(),
            is_verified_purchase: true,
            author: CreatorView {
                username: row.author_username.clone(),
                display_name: row.author_name.clone(),
            },
            creator_reply: row.creator_reply.clone(),
            replied_at: row.replied_at.map(Timestamp),
            created_at: Timestamp(row.created_at),
            updated_at: Timestamp(row.updated_at),
        }
    }
}
