//! What goes in and out, in neutral names.

use crate::domain::Timestamp;
use crate::resources::products::types::{BriefView, present};
use entities::{variant_group, variant_link};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A product that shall be in a group.
#[derive(Clone, Debug, Deserialize)]
pub struct Member {
    /// Which.
    pub product_id: Uuid,
    /// What it is called among its like.
    #[serde(default)]
    pub variant_name: Option<String>,
    /// Its place; absent means its place in the list.
    #[serde(default)]
    pub display_order: Option<i64>,
    /// Shown before others.
    #[serde(default)]
    pub is_featured: bool,
}

/// A new group.
#[derive(Clone, Debug, Deserialize)]
pub struct CreateGroup {
    /// For people.
    #[serde(default)]
    pub name: Option<String>,
    /// For addresses; unique where there is one.
    #[serde(default)]
    pub slug: Option<String>,
    /// Whether it is shown.
    pub is_active: bool,
    /// 2 to 50.
    pub products: Vec<Member>,
}

/// A change; absent members stay as they are.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct UpdateGroup {
    /// For people.
    #[serde(deserialize_with = "present")]
    pub name: Option<Option<String>>,
    /// For addresses.
    #[serde(deserialize_with = "present")]
    pub slug: Option<Option<String>>,
    /// Whether it is shown.
    pub is_active: Option<bool>,
    /// The whole set; none of them leaves it.
    pub products: Vec<Member>,
}

/// A group as it is told.
#[derive(Clone, Debug, Serialize)]
pub struct GroupView {
    /// Identity.
    pub id: Uuid,
    /// For people.
    pub name: Option<String>,
    /// For addresses.
    pub slug: Option<String>,
    /// Whether it is shown.
    pub is_active: bool,
    /// Its products in order.
    pub products: Vec<LinkView>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl GroupView {
    /// The view of a row with its products.
    pub fn new(row: &variant_group::Model, products: Vec<LinkView>) -> Self {
        Self {
            id: row.id,
            name: row.name.clone(),
            slug: row.slug.clone(),
            is_active: row.is_active,
            products,
            created_at: Timestamp(row.created_at),
            updated_at: Timestamp(row.updated_at),
        }
    }
}

/// A product in its group.
#[derive(Clone, Debug, Serialize)]
pub struct LinkView {
    /// Identity of its membership.
    pub id: Uuid,
    /// Which product.
    pub product_id: Uuid,
    /// Which group.
    pub group_id: Uuid,
    /// What it is called among its like.
    pub variant_name: Option<String>,
    /// Its place.
    pub display_order: i64,
    /// Shown before others.
    pub is_featured: bool,
    /// Since when it is in the group.
    pub created_at: Timestamp,
    /// The product.
    pub product: Option<BriefView>,
}

impl LinkView {
    /// The view of a row with its product.
    pub fn new(row: &variant_link::Model, product: Option<BriefView>) -> Self {
        Self {
            id: row.id,
            product_id: row.product,
            group_id: row.variant_group,
            variant_name: row.variant_name.clone(),
            display_order: row.display_order,
            is_featured: row.is_featured,
            created_at: Timestamp(row.created_at),
            product,
        }
    }
}
