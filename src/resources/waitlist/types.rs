//! What goes in and out, in neutral names.

use crate::domain::Timestamp;
use entities::product;
use entities::waitlist_entry::Model;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

/// Who wants to wait for what.
#[derive(Clone, Debug, Deserialize)]
pub struct Signup {
    /// The product; the shop is found by it.
    pub product_id: Uuid,
    /// Where to tell; a signed-in person's own where it is left out.
    #[serde(default)]
    pub email: Option<String>,
    /// What proves that he is no robot, where the shop asks for it.
    #[serde(default)]
    pub captcha_token: Option<String>,
    /// The product's address, if it is sent; must be the product's.
    #[serde(default)]
    pub product_slug: Option<String>,
}

/// Whose sign-ups are wanted.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListEntries {
    /// Of this product.
    pub product_id: Option<Uuid>,
    /// Part of the address.
    pub search: Option<String>,
}

/// Somebody who waits.
#[derive(Clone, Debug, Serialize)]
pub struct EntryView {
    /// Identity.
    pub id: Uuid,
    /// Where to tell.
    pub email: String,
    /// What he waits for.
    pub product_id: Uuid,
    /// The same.
    pub product: Option<ProductRef>,
    /// When he signed up.
    pub created_at: Timestamp,
    /// When he was told.
    pub notified_at: Option<Timestamp>,
}

/// A product by its names.
#[derive(Clone, Debug, Serialize)]
pub struct ProductRef {
    /// Identity.
    pub id: Uuid,
    /// For people.
    pub name: String,
    /// Address.
    pub slug: String,
}

impl EntryView {
    /// The view of a row with its product.
    pub fn new(row: &Model, product: Option<&product::Model>) -> Self {
        Self {
            id: row.id,
            email: row.email.clone(),
            product_id: row.product,
            product: product.map(|product| ProductRef {
                id: product.id,
                name: product.name.clone(),
                slug: product.slug.clone(),
            }),
            created_at: Timestamp(row.created_at),
            notified_at: row.notified_at.map(Timestamp),
        }
    }
}

/// A product as events mention it; the slice of products stands above this one.
pub(super) fn brief(product: &product::Model) -> Value {
    json!({
        "id": product.id, "name": product.name, "slug": product.slug, "price_minor": product.price_minor,
        "currency": product.currency, "icon": product.attributes.get("icon").cloned().unwrap_or_else(|| "📦".into()),
    })
}
