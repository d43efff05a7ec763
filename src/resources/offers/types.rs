//! What goes in and out, in neutral names.

use super::rules::Discount;
use crate::resources::products::types::BriefView;
use entities::one_time_offer::Model;
use entities::product;
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};
use uuid::Uuid;

/// The offer that shall follow a product.
#[derive(Clone, Debug, Deserialize)]
pub struct PutOffer {
    /// What is offered.
    pub oto_product_id: Uuid,
    /// `percentage` or `fixed`.
    pub discount_type: String,
    /// Per cent, or an amount as catalogue prices are written.
    pub discount_value: Number,
    /// How long it stands.
    pub duration_minutes: i64,
    /// What is offered to whoever declines.
    #[serde(default)]
    pub downsell_product_id: Option<Uuid>,
    /// `percentage` or `fixed`.
    #[serde(default)]
    pub downsell_discount_type: Option<String>,
    /// Per cent, or an amount.
    #[serde(default)]
    pub downsell_discount_value: Option<Number>,
    /// How long that stands.
    #[serde(default)]
    pub downsell_duration_minutes: Option<i64>,
}

/// An offer as it is told.
#[derive(Clone, Debug, Serialize)]
pub struct OfferView {
    /// Always true; a product without an offer has another view.
    pub has_oto: bool,
    /// Identity.
    pub id: Uuid,
    /// What is offered.
    pub oto: Step,
    /// What is offered to whoever declines.
    pub downsell: Option<Step>,
}

/// One of the two things offered.
#[derive(Clone, Debug, Serialize)]
pub struct Step {
    /// What.
    pub product_id: Uuid,
    /// The product, where it is there.
    pub product: Option<BriefView>,
    /// `percentage` or `fixed`.
    pub discount_type: String,
    /// Per cent, for a percentage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discount_percent: Option<Value>,
    /// The amount, where it is fixed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discount_minor: Option<i64>,
    /// The product's currency.
    pub currency: Option<String>,
    /// How long it stands.
    pub duration_minutes: i64,
}

impl Step {
    fn new(id: Uuid, product: Option<&product::Model>, discount: Discount, duration_minutes: i64) -> Self {
        Self {
            product_id: id,
            product: product.map(BriefView::from),
            discount_type: discount.kind().to_owned(),
            discount_percent: discount.percent(),
            discount_minor: discount.fixed_minor(),
            currency: product.map(|product| product.currency.clone()),
            duration_minutes,
        }
    }
}

impl OfferView {
    /// The view of a row with its products.
    pub fn new(row: &Model, oto: Option<&product::Model>, downsell: Option<&product::Model>) -> Self {
        let second = row.downsell_product.zip(Discount::of_downsell(row)).map(|(id, discount)| {
            let minutes = row.downsell_duration_minutes.unwrap_or(row.duration_minutes);
            Step::new(id, downsell, discount, minutes)
        });
        Self {
            has_oto: true,
            id: row.id,
            oto: Step::new(row.oto_product, oto, Discount::of(row), row.duration_minutes),
            downsell: second,
        }
    }
}
