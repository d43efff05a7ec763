//! What goes in and out, in neutral names.

use crate::domain::{Error, Result, Timestamp};
use crate::resources::products::types::ProductView;
use entities::payment::{self, Status};
use entities::product;
use serde::{Deserialize, Serialize};
use serde_json::Number;
use uuid::Uuid;

/// A product of the marketplace, by either of its names.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Named {
    /// Its id.
    pub product_id: Option<Uuid>,
    /// Its address.
    pub product_slug: Option<String>,
}

impl Named {
    /// Refuses to guess.
    ///
    /// # Errors
    /// `Validation` where neither is named.
    pub fn check(&self) -> Result<()> {
        match self.product_id.is_none() && self.product_slug.is_none() {
            true => Err(Error::field(
                "product_id",
                "required",
                "product_id or product_slug is required",
            )),
            false => Ok(()),
        }
    }
}

/// A purchase to begin.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Buy {
    /// What.
    #[serde(flatten)]
    pub product: Named,
    /// A coupon's code.
    pub coupon_code: Option<String>,
    /// Where he is sent once he has paid.
    pub success_url: Option<String>,
    /// Where he is sent when he turns back.
    pub cancel_url: Option<String>,
}

/// A code to look at.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Discount {
    /// For what.
    #[serde(flatten)]
    pub product: Named,
    /// The code.
    pub code: String,
}

/// What a code is worth for a product, or why it is worth nothing.
#[derive(Clone, Debug, Default, Serialize)]
pub struct DiscountCheck {
    /// Whether it can be used.
    pub valid: bool,
    /// Why not, as a word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    /// Why not, as a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<&'static str>,
    /// The code as the shop writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// `percentage` or `fixed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discount_type: Option<&'static str>,
    /// Percent, or minor units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discount_value: Option<Number>,
    /// What it takes off this product.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discount_minor: Option<i64>,
    /// What is left to pay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub final_price_minor: Option<i64>,
}

/// A purchase that was begun.
#[derive(Clone, Debug, Serialize)]
pub struct Begun {
    /// Where it is paid; `None` where nothing is to be paid.
    pub url: Option<String>,
    /// The provider's session, or ours.
    pub session_id: String,
    /// The purchase, where it is complete at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purchase: Option<PurchaseRecord>,
}

/// One thing that was bought.
#[derive(Clone, Debug, Serialize)]
pub struct PurchaseRecord {
    /// The payment's id.
    pub id: Uuid,
    /// What.
    pub product: ProductView,
    /// What was paid.
    pub price_minor: i64,
    /// Upper-case code.
    pub currency: String,
    /// How far the payment is.
    pub status: Status,
    /// When.
    pub purchased_at: Timestamp,
}

impl PurchaseRecord {
    /// Of a payment and its product.
    pub fn of(payment: &payment::Model, product: &product::Model) -> Self {
        Self {
            id: payment.id,
            product: ProductView::from(product),
            price_minor: payment.amount_minor,
            currency: payment.currency.clone(),
            status: payment.status,
            purchased_at: Timestamp(payment.paid_at.unwrap_or(payment.created_at)),
        }
    }
}

/// A link to a file.
#[derive(Clone, Debug, Serialize)]
pub struct Download {
    /// Where it is.
    pub url: String,
    /// How long that is good, in seconds.
    pub expires_in: i64,
    /// When it ends.
    pub expires_at: Timestamp,
    /// What the file is saved as.
    pub file_name: String,
    /// Of which version.
    pub version: String,
    /// Bytes.
    pub size_bytes: i64,
    /// In hex.
    pub sha256: String,
}
