//! What goes in and out, in neutral names; the dialects' files map it.

use crate::domain::Timestamp;
use crate::resources::labels::types::LabelRef;
use entities::product::{Model, Status};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

/// A new product.
#[derive(Clone, Debug, Deserialize)]
pub struct CreateProduct {
    /// For people.
    pub name: String,
    /// Address of the product; derived from the name where the dialect does not ask for it.
    pub slug: Option<String>,
    /// Namespace of the whole server that the slug is claimed in, by dialect.
    pub namespace: Option<String>,
    /// Everything else, as in a change.
    #[serde(flatten)]
    pub rest: UpdateProduct,
}

/// A change; absent members stay as they are.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct UpdateProduct {
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Address of the product.
    pub slug: Option<String>,
    /// The address again, where a dialect never lets it change.
    pub code: Option<String>,
    /// Short text; `null` clears it.
    #[serde(deserialize_with = "present")]
    pub description: Option<Option<String>>,
    /// What kind of thing it is, free text.
    #[serde(deserialize_with = "present")]
    pub kind: Option<Option<String>>,
    /// One word the marketplace files it under; `null` clears it.
    #[serde(deserialize_with = "present")]
    pub category: Option<Option<String>>,
    /// Price in minor units.
    pub price_minor: Option<i64>,
    /// ISO 4217 code.
    pub currency: Option<String>,
    /// `draft`, `published` or `archived`.
    pub status: Option<String>,
    /// `live`, `unlisted`, `archived` or `draft`: status and listing in one word.
    pub visibility: Option<String>,
    /// Published or not.
    pub is_active: Option<bool>,
    /// Shown in lists or only by its address.
    pub is_listed: Option<bool>,
    /// Shown before others.
    pub is_featured: Option<bool>,
    /// Prefix of the licence keys sold with it.
    pub key_prefix: Option<String>,
    /// The whole set of its categories.
    pub categories: Option<Vec<Uuid>>,
    /// The whole set of its tags.
    pub tags: Option<Vec<Uuid>>,
    /// All parts of the bundle, in order.
    pub bundle_item_ids: Option<Vec<Uuid>>,
    /// The tenant's own key-value data.
    pub metadata: Option<Value>,
    /// Members that only some dialects know; merged member by member.
    pub attributes: Map<String, Value>,
}

/// Tells an explicit `null` from an absent member.
pub(crate) fn present<'de, T: Deserialize<'de>, D: serde::Deserializer<'de>>(value: D) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(value).map(Some)
}

/// Which products are wanted.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListProducts {
    /// `active`, `inactive` or `all`.
    pub status: Option<String>,
    /// Any of these: `live`, `unlisted`, `archived`, `draft`.
    pub visibility: Vec<String>,
    /// Overrides `visibility`.
    pub include_all: bool,
    /// Part of the name or description, any case.
    pub search: Option<String>,
    /// Exactly this kind.
    pub kind: Option<String>,
    /// All of these categories, by id or slug.
    pub category: Vec<String>,
    /// All of these tags, by id or slug.
    pub tag: Vec<String>,
    /// What rows carry besides: `categories`, `tags`.
    pub embed: Vec<String>,
    /// Lowest price, in minor units.
    pub price_min_minor: Option<i64>,
    /// Highest price, in minor units.
    pub price_max_minor: Option<i64>,
    /// A column of [`super::rules::SORTS`].
    pub sort_by: Option<String>,
    /// `asc` or `desc`.
    pub sort_order: Option<String>,
}

impl ListProducts {
    /// What of it narrows the list; the rest is left out.
    pub fn narrowing(&self) -> Self {
        Self {
            embed: Vec::new(),
            sort_by: None,
            sort_order: None,
            ..self.clone()
        }
    }

    /// Whether anything but order and status is asked for.
    pub fn is_narrowing_beyond_status(&self) -> bool {
        let visible = !self.include_all && !self.visibility.is_empty();
        let search = self.search.as_deref().is_some_and(|text| !text.is_empty());
        let price = self.price_min_minor.is_some() || self.price_max_minor.is_some();
        let labels = !self.category.is_empty() || !self.tag.is_empty();
        visible || search || price || labels || self.kind.is_some()
    }
}

/// A product as it is told to anybody.
#[derive(Clone, Debug, Serialize)]
pub struct ProductView {
    /// Identity.
    pub id: Uuid,
    /// For people.
    pub name: String,
    /// Address.
    pub slug: String,
    /// Short text.
    pub description: Option<String>,
    /// Price in minor units.
    pub price_minor: i64,
    /// ISO 4217 code.
    pub currency: String,
    /// Free text.
    pub kind: Option<String>,
    /// One word the marketplace files it under.
    pub category: Option<String>,
    /// `draft`, `published` or `archived`.
    pub status: &'static str,
    /// `live`, `unlisted`, `archived` or `draft`.
    pub visibility: &'static str,
    /// Published or not.
    pub is_active: bool,
    /// Shown in lists or only by its address.
    pub is_listed: bool,
    /// Shown before others.
    pub is_featured: bool,
    /// Prefix of licence keys.
    pub key_prefix: String,
    /// The tenant's own data.
    pub metadata: Value,
    /// Members that only some dialects know.
    pub attributes: Value,
    /// Licences sold with it.
    pub licenses_count: i64,
    /// Whose it is.
    pub tenant_id: Uuid,
    /// Whose it is, by name; known where the product is shown to the public.
    pub creator: Option<CreatorView>,
    /// Average rating, 0 without reviews.
    pub avg_rating: f64,
    /// Number of reviews.
    pub review_count: i64,
    /// When it was first published.
    pub published_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it was deleted.
    pub deleted_at: Option<Timestamp>,
    /// Its categories, where they are told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub categories: Option<Vec<LabelRef>>,
    /// Its tags, where they are told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<LabelRef>>,
    /// Number of parts, in lists; 0 for what is no bundle.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bundle_item_count: Option<i64>,
    /// The parts of a bundle, where it is told alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bundle_items: Option<Vec<BriefView>>,
}

/// A product as others mention it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BriefView {
    /// Identity.
    pub id: Uuid,
    /// For people.
    pub name: String,
    /// Address.
    pub slug: String,
    /// Price in minor units.
    pub price_minor: i64,
    /// ISO 4217 code.
    pub currency: String,
    /// A small picture, where it has one.
    pub icon: Value,
    /// Published or not.
    pub is_active: bool,
}

impl From<&Model> for BriefView {
    fn from(row: &Model) -> Self {
        Self {
            id: row.id,
            name: row.name.clone(),
            slug: row.slug.clone(),
            price_minor: row.price_minor,
            currency: row.currency.clone(),
            icon: super::rules::icon(row),
            is_active: row.status == Status::Published,
        }
    }
}

/// The seller as the public sees him.
#[derive(Clone, Debug, Serialize)]
pub struct CreatorView {
    /// His name in addresses.
    pub username: String,
    /// His name for people.
    pub display_name: String,
}

impl From<&Model> for ProductView {
    fn from(row: &Model) -> Self {
        Self {
            id: row.id,
            name: row.name.clone(),
            slug: row.slug.clone(),
            description: row.description.clone(),
            price_minor: row.price_minor,
            currency: row.currency.clone(),
            kind: row.kind.clone(),
            category: row.category.clone(),
            visibility: super::rules::visibility(row.status, row.is_listed),
            is_active: row.status == Status::Published,
            status: super::rules::status_name(row.status),
            is_listed: row.is_listed,
            is_featured: row.is_featured,
            key_prefix: row.key_prefix.clone(),
            metadata: row.metadata.0.clone(),
            attributes: super::rules::told_attributes(row),
            licenses_count: row.licenses_count,
            tenant_id: row.tenant,
            creator: None,
            avg_rating: super::rules::average(row.rating_sum, row.rating_count),
            review_count: row.rating_count,
            published_at: row.published_at.map(Timestamp),
            created_at: Timestamp(row.created_at),
            updated_at: Timestamp(row.updated_at),
            deleted_at: row.deleted_at.map(Timestamp),
            categories: None,
            tags: None,
            bundle_item_count: None,
            bundle_items: None,
        }
    }
}
