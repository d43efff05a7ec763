//! What goes in and out, in neutral names.

use crate::domain::Timestamp;
use crate::resources::products::types::{BriefView, present};
use entities::order_bump::Model;
use entities::product;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A new order bump.
#[derive(Clone, Debug, Deserialize)]
pub struct CreateBump {
    /// The product on whose checkout it is offered.
    pub main_product_id: Uuid,
    /// What is offered.
    pub bump_product_id: Uuid,
    /// What it says in large letters.
    pub title: String,
    /// What it says besides.
    #[serde(default)]
    pub description: Option<String>,
    /// In the bump product's currency; none means that product's own price.
    #[serde(default)]
    pub price_minor: Option<i64>,
    /// Whether it is offered.
    pub is_active: bool,
    /// Its place among the bumps of a checkout.
    pub display_order: i64,
    /// None means as the product says, 0 for ever.
    #[serde(default)]
    pub access_duration_days: Option<i64>,
    /// How long the offer pretends to last.
    #[serde(default)]
    pub urgency_duration_minutes: Option<i64>,
}

/// A change; absent members stay as they are.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct UpdateBump {
    /// May only repeat what is there.
    pub main_product_id: Option<Uuid>,
    /// What is offered.
    pub bump_product_id: Option<Uuid>,
    /// What it says in large letters.
    pub title: Option<String>,
    /// What it says besides.
    #[serde(deserialize_with = "present")]
    pub description: Option<Option<String>>,
    /// In the bump product's currency; `null` means that product's own price.
    #[serde(deserialize_with = "present")]
    pub price_minor: Option<Option<i64>>,
    /// Whether it is offered.
    pub is_active: Option<bool>,
    /// Its place among the bumps of a checkout.
    pub display_order: Option<i64>,
    /// `null` means as the product says, 0 for ever.
    #[serde(deserialize_with = "present")]
    pub access_duration_days: Option<Option<i64>>,
    /// How long the offer pretends to last.
    #[serde(deserialize_with = "present")]
    pub urgency_duration_minutes: Option<Option<i64>>,
}

/// Which bumps are wanted.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListBumps {
    /// Those on this product's checkout.
    pub product_id: Option<Uuid>,
}

/// An order bump as it is told.
#[derive(Clone, Debug, Serialize)]
pub struct BumpView {
    /// Identity.
    pub id: Uuid,
    /// The product on whose checkout it is offered.
    pub main_product_id: Uuid,
    /// What is offered.
    pub bump_product_id: Uuid,
    /// What it says in large letters.
    pub title: String,
    /// What it says besides.
    pub description: Option<String>,
    /// Its own price.
    pub price_minor: Option<i64>,
    /// Currency of the bump product.
    pub currency: Option<String>,
    /// Whether it is offered.
    pub is_active: bool,
    /// Its place among the bumps of a checkout.
    pub display_order: i64,
    /// None means as the product says, 0 for ever.
    pub access_duration_days: Option<i64>,
    /// How long the offer pretends to last.
    pub urgency_duration_minutes: Option<i64>,
    /// The product on whose checkout it is offered.
    pub main_product: Option<BriefView>,
    /// What is offered.
    pub bump_product: Option<BriefView>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl BumpView {
    /// The view of a row with its two products.
    pub fn new(row: &Model, main: Option<&product::Model>, bump: Option<&product::Model>) -> Self {
        Self {
            id: row.id,
            main_product_id: row.main_product,
            bump_product_id: row.bump_product,
            title: row.title.clone(),
            description: row.description.clone(),
            price_minor: row.price_minor,
            currency: bump.map(|bump| bump.currency.clone()),
            is_active: row.is_active,
            display_order: row.display_order,
            access_duration_days: row.access_duration_days,
            urgency_duration_minutes: row.urgency_duration_minutes,
            main_product: main.map(BriefView::from),
            bump_product: bump.map(BriefView::from),
            created_at: Timestamp(row.created_at),
            updated_at: Timestamp(row.updated_at),
        }
    }
}
