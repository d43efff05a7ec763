//! What is asked for, and what is told of it.

use crate::domain::Timestamp;
use entities::payment::Status as PaymentStatus;
use entities::refund::Status;
use entities::refund_request::{Model, Status as RequestStatus};
use entities::{payment, product, refund};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A payment to give back.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct RefundPayment {
    /// How much, in minor units; nothing is what is left.
    pub amount_minor: Option<i64>,
    /// `duplicate`, `fraudulent`, `requested_by_customer`.
    pub reason: Option<String>,
}

/// A buyer's wish.
#[derive(Clone, Debug, Deserialize)]
pub struct AskRefund {
    /// Which payment.
    pub transaction_id: Uuid,
    /// Why.
    #[serde(default)]
    pub reason: Option<String>,
}

/// What becomes of a request.
#[derive(Clone, Debug, Deserialize)]
pub struct DecideRequest {
    /// `approve` or `reject`.
    pub action: String,
    /// For the buyer.
    #[serde(default)]
    pub admin_response: Option<String>,
}

/// Which requests are wanted.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListRequests {
    /// `pending`, `approved`, `rejected`, `cancelled` or `all`.
    pub status: Option<String>,
    /// Of this customer.
    pub user_id: Option<Uuid>,
    /// For this product.
    pub product_id: Option<Uuid>,
}

/// What was given back.
#[derive(Clone, Debug, Serialize)]
pub struct RefundView {
    /// Of which payment.
    pub payment_id: Uuid,
    /// This step.
    pub refund: RefundPart,
    /// What the payment is now.
    pub payment_status: PaymentStatus,
    /// All that went back.
    pub total_refunded_minor: i64,
    /// Upper-case code.
    pub currency: String,
    /// When.
    pub created_at: Timestamp,
}

/// One refund.
#[derive(Clone, Debug, Serialize)]
pub struct RefundPart {
    /// The provider's id, ours until it has one.
    pub id: String,
    /// How much.
    pub amount_minor: i64,
    /// Upper-case code.
    pub currency: String,
    /// How far it is.
    pub status: Status,
    /// Why.
    pub reason: Option<String>,
}

impl RefundView {
    /// What a refund came to.
    pub fn of(refund: &refund::Model, payment: &payment::Model) -> Self {
        Self {
            payment_id: payment.id,
            refund: RefundPart {
                id: refund.provider_ref.clone().unwrap_or_else(|| refund.id.to_string()),
                amount_minor: refund.amount_minor,
                currency: refund.currency.clone(),
                status: refund.status,
                reason: refund.reason.clone(),
            },
            payment_status: payment.status,
            total_refunded_minor: payment.refunded_minor,
            currency: payment.currency.clone(),
            created_at: Timestamp(refund.created_at),
        }
    }
}

/// A request as the tenant sees it.
#[derive(Clone, Debug, Serialize)]
pub struct RequestView {
    /// Identity.
    pub id: Uuid,
    /// Whose.
    pub user_id: Uuid,
    /// For what.
    pub product_id: Uuid,
    /// Of which payment.
    pub transaction_id: Uuid,
    /// The buyer's address.
    pub customer_email: String,
    /// How much.
    pub requested_minor: i64,
    /// Upper-case code.
    pub currency: String,
    /// Why.
    pub reason: Option<String>,
    /// What became of it.
    pub status: RequestStatus,
    /// The tenant's words.
    pub admin_response: Option<String>,
    /// Who decided.
    pub admin_id: Option<Uuid>,
    /// When it was decided.
    pub processed_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// What was bought.
    pub product: Option<ProductPart>,
    /// Its name.
    pub product_name: Option<String>,
    /// What was paid.
    pub transaction: Option<PaymentPart>,
    /// When.
    pub purchased_at: Option<Timestamp>,
}

/// A product beside a request.
#[derive(Clone, Debug, Serialize)]
pub struct ProductPart {
    /// Identity.
    pub id: Uuid,
    /// For people.
    pub name: String,
    /// Address.
    pub slug: String,
    /// In minor units.
    pub price_minor: i64,
    /// Upper-case code.
    pub currency: String,
}

/// A payment beside a request.
#[derive(Clone, Debug, Serialize)]
pub struct PaymentPart {
    /// Identity.
    pub id: Uuid,
    /// The buyer's address.
    pub customer_email: String,
    /// In minor units.
    pub amount_minor: i64,
    /// Upper-case code.
    pub currency: String,
    /// How far it is.
    pub status: PaymentStatus,
    /// The provider's payment.
    pub stripe_payment_intent_id: Option<String>,
    /// When.
    pub created_at: Timestamp,
}

impl RequestView {
    /// A request with what it is about.
    pub fn of(row: &Model, product: Option<&product::Model>, payment: Option<&payment::Model>) -> Self {
        Self {
            id: row.id,
            user_id: row.customer,
            product_id: row.product,
            transaction_id: row.payment,
            customer_email: row.customer_email.clone(),
            requested_minor: row.requested_minor,
            currency: row.currency.clone(),
            reason: row.reason.clone(),
            status: row.status,
            admin_response: row.admin_response.clone(),
            admin_id: row.admin,
            processed_at: row.processed_at.map(Timestamp),
            created_at: Timestamp(row.created_at),
            updated_at: Timestamp(row.updated_at),
            product: product.map(|product| ProductPart {
                id: product.id,
                name: product.name.clone(),
                slug: product.slug.clone(),
                price_minor: product.price_minor,
                currency: product.currency.clone(),
            }),
            product_name: product.map(|product| product.name.clone()),
            transaction: payment.map(|payment| PaymentPart {
                id: payment.id,
                customer_email: payment.email.clone(),
                amount_minor: payment.amount_minor,
                currency: payment.currency.clone(),
                status: payment.status,
                stripe_payment_intent_id: payment.intent_ref.clone(),
                created_at: Timestamp(payment.created_at),
            }),
            purchased_at: payment.map(|payment| Timestamp(payment.created_at)),
        }
    }
}

/// What was decided.
#[derive(Clone, Debug, Serialize)]
pub struct DecisionView {
    /// Which request.
    pub id: Uuid,
    /// What became of it.
    pub status: RequestStatus,
    /// For people.
    pub message: &'static str,
    /// Whether the provider was told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stripe_refund_created: Option<bool>,
}
