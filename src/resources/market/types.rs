//! What goes in and out, in neutral names.

use crate::domain::Timestamp;
use crate::resources::products::types::{CreatorView, ProductView};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// Which products are wanted.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Browse {
    /// Part of the name or description, any case.
    pub search: Option<String>,
    /// Exactly this kind.
    pub kind: Option<String>,
    /// Any of these categories.
    pub category: Vec<String>,
    /// Lowest price, in minor units.
    pub price_min_minor: Option<i64>,
    /// Highest price, in minor units.
    pub price_max_minor: Option<i64>,
    /// A name of [`super::rules::Order`].
    pub sort_by: Option<String>,
    /// `asc` or `desc`, for prices.
    pub sort_order: Option<String>,
}

impl Browse {
    /// Whether anything but the order is asked for.
    pub fn is_narrowing(&self) -> bool {
        let search = self.search.as_deref().is_some_and(|text| !text.is_empty());
        let price = self.price_min_minor.is_some() || self.price_max_minor.is_some();
        search || price || self.kind.is_some() || !self.category.is_empty()
    }
}

/// A product as the marketplace shows it by itself.
#[derive(Clone, Debug, Serialize)]
pub struct Detail {
    /// The product.
    #[serde(flatten)]
    pub product: ProductView,
    /// What a buyer can download, the newest first.
    pub versions: Vec<VersionBrief>,
    /// Its pictures.
    pub images: Vec<Value>,
}

/// What the public learns of a version.
#[derive(Clone, Debug, Serialize)]
pub struct VersionBrief {
    /// Its name.
    pub version: String,
    /// What is new in it.
    pub changelog: Option<String>,
    /// Bytes.
    pub size_bytes: i64,
    /// When it was uploaded.
    pub created_at: Timestamp,
}

/// The seller of a row, as the public sees him.
pub fn creator(tenant: &entities::tenant::Model) -> CreatorView {
    CreatorView {
        username: tenant.slug.clone(),
        display_name: tenant.name.clone(),
    }
}

/// The days a report is about.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Period {
    /// The first day, `2026-01-31`.
    pub from: Option<String>,
    /// The last day.
    pub to: Option<String>,
    /// Days up to today: `7d`, `30d`, `90d`.
    pub period: Option<String>,
}

/// The four figures.
#[derive(Clone, Debug, Serialize)]
pub struct Overview {
    /// What was paid, in minor units of the currency most was paid in.
    pub revenue_minor: i64,
    /// That currency.
    pub currency: String,
    /// Sales.
    pub sales_count: i64,
    /// Looks.
    pub views: i64,
    /// Sales of a look; 0 without any.
    pub conversion_rate: f64,
    /// What was paid in each currency, where there are several.
    pub currencies: Vec<InCurrency>,
}

/// What was paid in one currency.
#[derive(Clone, Debug, Serialize)]
pub struct InCurrency {
    /// ISO 4217 code.
    pub currency: String,
    /// Minor units.
    pub revenue_minor: i64,
    /// Sales.
    pub sales_count: i64,
}

/// One day.
#[derive(Clone, Debug, Serialize)]
pub struct Day {
    /// `2026-01-31`, in UTC.
    pub date: String,
    /// What was paid, in the currency that the period's revenue is told in.
    pub revenue_minor: i64,
    /// Sales, in all currencies.
    pub sales_count: i64,
    /// What was paid in each currency, where the period has several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currencies: Option<Vec<InCurrency>>,
}

/// One product's figures.
#[derive(Clone, Debug, Serialize)]
pub struct Performance {
    /// Which.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Its address.
    pub slug: String,
    /// What was paid for it, in minor units of its currency.
    pub revenue_minor: i64,
    /// That currency.
    pub currency: String,
    /// Sales.
    pub sales_count: i64,
    /// Looks.
    pub views: i64,
    /// Sales of a look; 0 without any.
    pub conversion_rate: f64,
    /// Average rating, 0 without reviews.
    pub avg_rating: f64,
    /// What was paid for it in each currency, where there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currencies: Option<Vec<InCurrency>>,
}
