//! What a buyer asks for, and what he is shown of it.

use crate::domain::Timestamp;
use entities::checkout::{Model, Status};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// A purchase to begin.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct OpenCheckout {
    /// What is bought.
    pub product_id: Option<Uuid>,
    /// The same by its course.
    pub course_id: Option<Uuid>,
    /// The buyer, where no person signed in.
    pub email: Option<String>,
    /// His name.
    pub name: Option<String>,
    /// A coupon's code.
    pub coupon_code: Option<String>,
    /// Bought along with it.
    pub order_bump_ids: Vec<Uuid>,
    /// What the buyer pays where the price is his to name, in minor units.
    pub custom_amount_minor: Option<i64>,
    /// Answers to the product's questions, by field id.
    pub custom_fields: Option<Value>,
    /// Where he is sent once he has paid.
    pub success_url: Option<String>,
    /// Where he is sent when he turns back.
    pub cancel_url: Option<String>,
    /// What he agreed to on the shop's own page: `{analytics?, marketing?}`.
    pub consent: Option<Value>,
}

/// A purchase to begin, once its product and buyer are known.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// The buyer's address.
    pub email: Option<String>,
    /// The person who signed in, where one did.
    pub person: Option<Uuid>,
    /// A coupon's code.
    pub coupon_code: Option<String>,
    /// Bought along with it.
    pub order_bump_ids: Vec<Uuid>,
    /// What the buyer names, in minor units.
    pub custom_amount_minor: Option<i64>,
    /// Answers to the product's questions.
    pub custom_fields: Option<Value>,
    /// Where he is sent once he has paid.
    pub success_url: Option<String>,
    /// Where he is sent when he turns back.
    pub cancel_url: Option<String>,
    /// What he agreed to on the shop's own page: `{analytics?, marketing?}`.
    pub consent: Option<Value>,
    /// `checkout`, `marketplace` or `embed`.
    pub source: &'static str,
    /// Whether he pays on the shop's own page.
    pub is_embedded: bool,
    /// Whether no place at the sale price is left for him.
    pub is_sale_over: bool,
}

/// A checkout as its buyer sees it.
#[derive(Clone, Debug, Serialize)]
pub struct CheckoutView {
    /// Identity.
    pub id: Uuid,
    /// Where he pays; `None` where nothing is left to pay.
    pub url: Option<String>,
    /// How far it is.
    pub status: Status,
    /// What is bought.
    pub product_id: Uuid,
    /// What is to be paid.
    pub amount_minor: i64,
    /// Upper-case code.
    pub currency: String,
    /// What the coupon took off.
    pub discount_minor: i64,
    /// The payment it became.
    pub payment_id: Option<Uuid>,
    /// When it ends unpaid.
    pub expires_at: Timestamp,
    /// When it was begun.
    pub created_at: Timestamp,
}

impl From<&Model> for CheckoutView {
    fn from(row: &Model) -> Self {
        Self {
            id: row.id,
            url: row.url.clone().filter(|_| row.status == Status::Open),
            status: row.status,
            product_id: row.product,
            amount_minor: row.amount_minor,
            currency: row.currency.clone(),
            discount_minor: row.discount_minor,
            payment_id: row.payment,
            expires_at: Timestamp(row.expires_at),
            created_at: Timestamp(row.created_at),
        }
    }
}
