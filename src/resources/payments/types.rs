//! What goes in and out, in neutral names; the dialects' files map it.

use crate::domain::Timestamp;
use crate::domain::stripe::tax::reason;
use entities::payment::{Model, Status, TaxStatus};
use entities::{payment_line, product};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Which payments are wanted.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListPayments {
    /// A status, or `all`.
    pub status: Option<String>,
    /// Of this product.
    pub product_id: Option<Uuid>,
    /// Part of the buyer's address, any case.
    pub email: Option<String>,
    /// From this moment on; what is no moment filters nothing.
    pub date_from: Option<String>,
    /// Up to this moment.
    pub date_to: Option<String>,
    /// A column, with `-` before it from the top down; goes before the pair.
    pub sort: Option<String>,
    /// A column.
    pub sort_by: Option<String>,
    /// `asc` or `desc`.
    pub sort_order: Option<String>,
}

/// Which payments are to be written down.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ExportPayments {
    /// A status, or `all`.
    pub status: Option<String>,
    /// Of this product.
    pub product_id: Option<Uuid>,
    /// From this moment on.
    pub date_from: Option<String>,
    /// Up to this moment.
    pub date_to: Option<String>,
    /// Days back, as text, or `all`.
    pub date_range: Option<String>,
}

/// A change of what is the tenant's own.
#[derive(Clone, Debug, Deserialize)]
pub struct UpdatePayment {
    /// Members that replace those of their name.
    pub metadata: Map<String, Value>,
}

/// A payment as it is told.
#[derive(Clone, Debug, Serialize)]
pub struct PaymentView {
    /// Identity.
    pub id: Uuid,
    /// Whose address it was paid under.
    pub customer_email: String,
    /// In minor units.
    pub amount: i64,
    /// Upper-case code.
    pub currency: String,
    /// How far it has come.
    pub status: Status,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// The provider's payment.
    pub stripe_payment_intent_id: Option<String>,
    /// The provider's session.
    pub session_id: Option<String>,
    /// What it was for, mainly.
    pub product: Option<ProductOf>,
    /// Who paid.
    pub user_id: Uuid,
    /// Who paid.
    pub user: UserOf,
    /// Without tax.
    pub net_total: Option<i64>,
    /// The tax.
    pub tax_total: Option<i64>,
    /// What is known of the tax.
    pub tax_snapshot_status: TaxStatus,
    /// The tenant's own.
    pub metadata: Value,
    /// Answers of the buyer.
    pub custom_field_values: Option<Value>,
    /// All that went back.
    pub refund: Option<RefundOf>,
    /// All that went back.
    pub refunded_amount: i64,
    /// What it was for, line by line.
    pub line_items: Vec<LineView>,
    /// What a coupon took off.
    pub discount_amount: i64,
    /// That coupon.
    pub coupon_id: Option<Uuid>,
    /// Through whom.
    pub provider: entities::payment::Provider,
}

/// What a payment was for.
#[derive(Clone, Debug, Serialize)]
pub struct ProductOf {
    /// Identity.
    pub id: Uuid,
    /// Its name now.
    pub name: String,
    /// Its address now.
    pub slug: String,
    /// What it costs now.
    pub price_minor: i64,
    /// Of that price.
    pub currency: String,
    /// What buyers are asked.
    pub custom_checkout_fields: Option<Value>,
    /// Whether it stands for its parts.
    pub is_bundle: bool,
    /// Those parts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bundle_components: Option<Vec<PartOf>>,
}

/// A part of a bundle.
#[derive(Clone, Debug, Serialize)]
pub struct PartOf {
    /// For people.
    pub name: String,
    /// Its address.
    pub slug: String,
}

/// Who paid.
#[derive(Clone, Debug, Serialize)]
pub struct UserOf {
    /// Which customer.
    pub id: Uuid,
    /// His address then.
    pub email: String,
}

/// What went back of a payment.
#[derive(Clone, Debug, Serialize)]
pub struct RefundOf {
    /// The last refund, by the provider's name for it where there is one.
    pub id: Option<String>,
    /// All of them together.
    pub amount: i64,
    /// When the last one was.
    pub refunded_at: Option<Timestamp>,
    /// Why.
    pub reason: Option<String>,
    /// Who of the tenant did it.
    pub refunded_by: Option<String>,
}

/// One line.
#[derive(Clone, Debug, Serialize)]
pub struct LineView {
    /// Identity.
    pub id: Uuid,
    /// The payment.
    pub transaction_id: Uuid,
    /// What.
    pub product_id: Uuid,
    /// As what.
    pub item_type: String,
    /// Its name then.
    pub product_name: String,
    /// How many.
    pub quantity: i64,
    /// The price of one.
    pub unit_price_minor: i64,
    /// What was paid for all of them.
    pub total_price_minor: i64,
    /// Upper-case code.
    pub currency: String,
    /// More of it.
    pub metadata: Value,
    /// Without tax.
    pub net_amount: Option<i64>,
    /// The tax.
    pub tax_amount: Option<i64>,
    /// The rate in percent.
    pub vat_rate: Option<Number>,
    /// `inclusive` or `exclusive`.
    pub tax_behavior: Option<String>,
    /// Whether the tax is waived.
    pub vat_exempt: bool,
    /// Why it is taxed as it is.
    pub taxability_reason: Option<String>,
    /// The tax, rate by rate.
    pub tax_breakdown: Option<Value>,
}

/// What goes with the rows of a page.
#[derive(Clone, Debug, Default)]
pub(super) struct Around {
    pub(super) products: BTreeMap<Uuid, product::Model>,
    pub(super) parts: BTreeMap<Uuid, Vec<PartOf>>,
    pub(super) lines: BTreeMap<Uuid, Vec<payment_line::Model>>,
    pub(super) refunds: BTreeMap<Uuid, String>,
}

impl PaymentView {
    pub(super) fn of(row: &Model, around: &Around) -> Self {
        let lines = around.lines.get(&row.id).map_or(&[][..], Vec::as_slice);
        Self {
            id: row.id,
            customer_email: row.email.clone(),
            amount: row.amount_minor,
            currency: row.currency.clone(),
            status: row.status,
            created_at: Timestamp(row.created_at),
            updated_at: Timestamp(row.updated_at),
            stripe_payment_intent_id: row.intent_ref.clone(),
            session_id: row.session_ref.clone(),
            product: around.products.get(&row.product).map(|product| product_of(product, around)),
            user_id: row.customer,
            user: UserOf {
                id: row.customer,
                email: row.email.clone(),
            },
            net_total: row.net_total_minor,
            tax_total: row.tax_total_minor,
            tax_snapshot_status: row.tax_status,
            metadata: row.metadata.0.clone(),
            custom_field_values: row.custom_fields.clone().map(|fields| fields.0),
            refund: refund_of(row, around),
            refunded_amount: row.refunded_minor,
            line_items: lines.iter().map(LineView::from).collect(),
            discount_amount: row.discount_minor,
            coupon_id: row.coupon,
            provider: row.provider,
        }
    }
}

fn product_of(row: &product::Model, around: &Around) -> ProductOf {
    let attribute = |name: &str| row.attributes.get(name).filter(|value| !value.is_null()).cloned();
    let is_bundle = attribute("is_bundle") == Some(Value::Bool(true));
    ProductOf {
        id: row.id,
        name: row.name.clone(),
        slug: row.slug.clone(),
        price_minor: row.price_minor,
        currency: row.currency.clone(),
        custom_checkout_fields: attribute("custom_checkout_fields"),
        is_bundle,
        bundle_components: is_bundle.then(|| around.parts.get(&row.id).cloned().unwrap_or_default()),
    }
}

fn refund_of(row: &Model, around: &Around) -> Option<RefundOf> {
    (row.refunded_minor > 0).then(|| RefundOf {
        id: around.refunds.get(&row.id).cloned(),
        amount: row.refunded_minor,
        refunded_at: row.refunded_at.map(Timestamp),
        reason: row.refund_reason.clone(),
        refunded_by: row
            .refunded_by
            .as_deref()
            .map(|actor| actor.trim_start_matches("person:").to_owned()),
    })
}

impl From<&payment_line::Model> for LineView {
    fn from(row: &payment_line::Model) -> Self {
        let vat_rate: Option<Number> = row.vat_rate.as_deref().and_then(|rate| serde_json::from_str(rate).ok());
        let breakdown = || {
            json!([{
                "tax_amount": row.tax_minor, "taxable_amount": row.net_minor, "rate": vat_rate,
                "inclusive": row.tax_behavior.as_deref() == Some("inclusive"),
            }])
        };
        Self {
            id: row.id,
            transaction_id: row.payment,
            product_id: row.product,
            item_type: row.item_type.clone(),
            product_name: row.product_name.clone(),
            quantity: row.quantity,
            unit_price_minor: row.unit_price_minor,
            total_price_minor: row.total_minor,
            currency: row.currency.clone(),
            metadata: row.metadata.0.clone(),
            net_amount: row.net_minor,
            tax_amount: row.tax_minor,
            tax_behavior: row.tax_behavior.clone(),
            vat_exempt: row.vat_exempt,
            taxability_reason: reason(row.vat_exempt, row.tax_minor).map(str::to_owned),
            tax_breakdown: row.tax_minor.map(|_| breakdown()),
            vat_rate,
        }
    }
}

/// The sums of all payments; single figures add currencies together.
#[derive(Clone, Debug, Default, Serialize)]
pub struct StatsView {
    /// Completed payments.
    pub total_transactions: i64,
    /// What they brought.
    pub total_revenue: i64,
    /// Payments that wait for money.
    pub pending_count: i64,
    /// What went back of the completed ones.
    pub refunded_amount: i64,
    /// Brought since midnight, UTC.
    pub today_revenue: i64,
    /// Brought since the first.
    pub this_month_revenue: i64,
    /// Each currency for itself.
    pub total_revenue_by_currency: BTreeMap<String, i64>,
    /// Each currency for itself.
    pub refunded_amount_by_currency: BTreeMap<String, i64>,
    /// Each currency for itself.
    pub today_revenue_by_currency: BTreeMap<String, i64>,
    /// Each currency for itself.
    pub this_month_revenue_by_currency: BTreeMap<String, i64>,
    /// Each currency for itself.
    pub by_currency: BTreeMap<String, CurrencyStats>,
}

/// The sums of one currency.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct CurrencyStats {
    /// What it brought.
    pub total_revenue: i64,
    /// In how many payments.
    pub transaction_count: i64,
}

/// What a change of metadata answers.
#[derive(Clone, Debug, Serialize)]
pub struct MetadataView {
    /// The payment.
    pub id: Uuid,
    /// All of it.
    pub metadata: Value,
    /// When it changed.
    pub updated_at: Timestamp,
}
