//! What a sale is made of, in neutral words.

use crate::domain::Timestamp;
use crate::domain::stripe::tax::HolderSeen;
use crate::resources::customers::types::CustomerBrief;
use crate::resources::licensing::service::Terms;
use crate::resources::products::types::ProductView;
use entities::payment::Status;
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};
use uuid::Uuid;

/// As what a line was bought.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemType {
    /// What the checkout is about.
    MainProduct,
    /// Bought along with it.
    OrderBump,
}

impl ItemType {
    /// Its name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MainProduct => "main_product",
            Self::OrderBump => "order_bump",
        }
    }
}

/// One line of a checkout, with the price it was begun with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// What.
    pub product: Uuid,
    /// As what.
    pub item_type: ItemType,
    /// Its name then.
    pub name: String,
    /// Its catalogue price, in minor units.
    pub unit_minor: i64,
    /// What is paid for it, tax and discount in.
    pub total_minor: i64,
    /// Of that, without tax; `None` where no tax is known of.
    pub net_minor: Option<i64>,
    /// Of that, tax.
    pub tax_minor: Option<i64>,
    /// The rate, in thousandths of a percent.
    pub vat_thousandths: Option<i64>,
    /// Whether the catalogue price holds the tax.
    pub is_tax_included: bool,
    /// Whether the tax is waived.
    pub is_exempt: bool,
    /// How long it may be used; `None` is for ever.
    pub days: Option<i64>,
    /// Whether it went at a sale price.
    pub is_sale: bool,
}

/// What a provider says was paid.
#[derive(Clone, Debug, Default)]
pub struct Paid {
    /// Our checkout.
    pub checkout: Option<Uuid>,
    /// Our product, where it was begun at the provider by hand.
    pub product: Option<Uuid>,
    /// Our customer, where that names one.
    pub user: Option<Uuid>,
    /// `cs_…`.
    pub session_ref: Option<String>,
    /// `pi_…`.
    pub intent_ref: Option<String>,
    /// `ch_…`.
    pub charge_ref: Option<String>,
    /// What arrived.
    pub amount_minor: i64,
    /// The provider's own tax in it.
    pub tax_minor: Option<i64>,
    /// What the provider's own promotions took off.
    pub discount_minor: Option<i64>,
    /// Answers to the provider's questions, key and text.
    pub custom_fields: Vec<(String, String)>,
    /// Upper-case code.
    pub currency: String,
    /// The buyer's address, where the provider asked for it.
    pub email: Option<String>,
    /// The buyer's name.
    pub name: Option<String>,
    /// Whom the invoice is made out to, where he told a tax id.
    pub holder: Option<HolderSeen>,
    /// What it says of a licence it buys.
    pub terms: Terms,
    /// When.
    pub paid_at: Timestamp,
}

/// What became of a payment that was told of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It did something.
    Done(Uuid),
    /// It had been done before.
    Known,
    /// What it is about is not known yet.
    Unknown,
    /// It fits nothing here and never will; the reason is for the log.
    Misfit(&'static str),
}

/// A product of a paid order, with the tax that was captured for it.
#[derive(Clone, Debug, Serialize)]
pub struct SoldProduct {
    /// Which.
    #[serde(flatten)]
    pub product: ProductView,
    /// Its tax, where any was captured.
    #[serde(flatten)]
    pub tax: Option<SoldTax>,
}

/// The tax captured for a line of an order.
#[derive(Clone, Debug, Serialize)]
pub struct SoldTax {
    /// Without tax.
    pub net_minor: i64,
    /// The tax.
    pub tax_minor: i64,
    /// Both.
    pub gross_minor: i64,
    /// In percent; none where it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vat_rate: Option<Number>,
    /// Whether the tax is waived.
    pub vat_exempt: bool,
    /// `inclusive` or `exclusive`.
    pub tax_behavior: &'static str,
    /// Why it is taxed as it is.
    pub taxability_reason: Option<&'static str>,
}

/// A paid order, for `purchase.completed`.
#[derive(Clone, Debug, Serialize)]
pub struct Purchase {
    /// Who bought.
    pub customer: CustomerBrief,
    /// What the order is about.
    pub product: SoldProduct,
    /// The first thing bought along with it.
    pub bump_product: Option<SoldProduct>,
    /// Everything bought along with it.
    pub bump_products: Vec<SoldProduct>,
    /// What a bundle stands for.
    pub bundle_components: Vec<ProductView>,
    /// The money.
    pub order: PurchaseOrder,
    /// What the invoice is to say, where one is wanted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invoice: Option<Value>,
    /// Answers of the buyer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_fields: Option<Value>,
    /// Licences that came with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub licenses: Option<Value>,
    /// How it came about.
    pub source: &'static str,
}

/// The money of a purchase.
#[derive(Clone, Debug, Serialize)]
pub struct PurchaseOrder {
    /// The payment's id.
    pub id: Uuid,
    /// What was paid.
    pub amount_minor: i64,
    /// The same in whole currency, for placeholders.
    pub amount_major: String,
    /// Upper-case code.
    pub currency: String,
    /// The provider's session.
    pub session_id: Option<String>,
    /// The provider's payment.
    pub payment_intent_id: Option<String>,
    /// The coupon that was used.
    pub coupon_id: Option<Uuid>,
    /// Whether the buyer is no registered person.
    pub is_guest: bool,
    /// Without tax, where tax was captured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub net_total_minor: Option<i64>,
    /// The tax.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_total_minor: Option<i64>,
}

/// A payment that changed, for `payment.*`.
#[derive(Clone, Debug, Serialize)]
pub struct PaymentChange {
    /// Whose.
    pub customer: CustomerBrief,
    /// For what.
    pub product: ProductView,
    /// The payment.
    pub payment: PaymentBrief,
}

/// A payment as events tell of it.
#[derive(Clone, Debug, Serialize)]
pub struct PaymentBrief {
    /// Which.
    pub id: Uuid,
    /// What was paid.
    pub amount_minor: i64,
    /// Upper-case code.
    pub currency: String,
    /// The provider's session.
    pub session_id: Option<String>,
    /// The provider's payment.
    pub payment_intent_id: Option<String>,
    /// What it was.
    pub status_before: Option<Status>,
    /// What it is.
    pub status_after: Status,
}

/// Money that went back, for `refund.issued`.
#[derive(Clone, Debug, Serialize)]
pub struct Returned {
    /// Whose.
    pub customer: CustomerBrief,
    /// For what.
    pub product: ProductView,
    /// Of which payment.
    pub payment: PaymentBrief,
    /// This step.
    pub refund: ReturnedStep,
}

/// One step of giving money back.
#[derive(Clone, Debug, Serialize)]
pub struct ReturnedStep {
    /// The provider's id.
    pub stripe_refund_id: Option<String>,
    /// This step's amount.
    pub amount_minor: i64,
    /// Upper-case code.
    pub currency: String,
    /// Why.
    pub reason: Option<String>,
    /// `succeeded`.
    pub status: &'static str,
    /// Whether nothing is left.
    pub is_full_refund: bool,
    /// All that went back so far.
    pub total_refunded_minor: i64,
    /// When.
    pub refunded_at: Timestamp,
    /// By which way.
    pub source: &'static str,
    /// Who of the tenant did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initiated_by_admin_id: Option<String>,
    /// The request that was granted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refund_request_id: Option<Uuid>,
    /// Of this step, without tax.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub net_minor: Option<i64>,
    /// Of this step, tax.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_minor: Option<i64>,
    /// What kind of tax, where any was captured.
    #[serde(flatten)]
    pub tax: Option<ReturnedTax>,
}

/// What kind of tax goes back.
#[derive(Clone, Debug, Serialize)]
pub struct ReturnedTax {
    /// In percent; none where there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vat_rate: Option<Number>,
    /// Whether the tax is waived.
    pub vat_exempt: bool,
    /// Why it is taxed as it is; none where that differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taxability_reason: Option<&'static str>,
}
