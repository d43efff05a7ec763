//! What goes in and out, in neutral names; the dialects' files map it.

use super::rules;
use crate::domain::Timestamp;
use crate::resources::products::types::present;
use entities::coupon::Model;
use entities::{customer, payment, product};
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};
use uuid::Uuid;

/// A new coupon.
#[derive(Clone, Debug, Deserialize)]
pub struct CreateCoupon {
    /// What buyers type, in capitals.
    pub code: String,
    /// Everything else, as in a change.
    #[serde(flatten)]
    pub rest: UpdateCoupon,
}

/// A change; absent members stay as they are.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct UpdateCoupon {
    /// What buyers type, in capitals; a creation has it beside these.
    pub code: Option<String>,
    /// For people.
    #[serde(deserialize_with = "present")]
    pub name: Option<Option<String>>,
    /// `percentage` or `fixed`.
    pub discount_type: Option<String>,
    /// The number as it was sent.
    pub discount_value: Option<Number>,
    /// The same number read as an amount; -1 where it is none of the currency.
    pub amount_minor: Option<i64>,
    /// Of a fixed discount.
    #[serde(deserialize_with = "present")]
    pub currency: Option<Option<String>>,
    /// Whether it can be used at all.
    pub is_active: Option<bool>,
    /// A mark of the tenant's own, without effect.
    pub is_public: Option<bool>,
    /// Whether order bumps keep their price.
    pub exclude_order_bumps: Option<bool>,
    /// First moment it can be used at; `null` is now.
    #[serde(deserialize_with = "present")]
    pub starts_at: Option<Option<Timestamp>>,
    /// First moment it cannot be used at any more.
    #[serde(deserialize_with = "present")]
    pub expires_at: Option<Option<Timestamp>>,
    /// Uses in all.
    #[serde(deserialize_with = "present")]
    pub usage_limit_global: Option<Option<i64>>,
    /// Uses of one buyer.
    #[serde(deserialize_with = "present")]
    pub usage_limit_per_user: Option<Option<i64>>,
    /// Who alone may use it.
    pub allowed_emails: Option<Vec<String>>,
    /// What alone it can be used for.
    pub allowed_product_ids: Option<Vec<Uuid>>,
    /// The one product it can be used for, by its id or its address, in dialects that name it so.
    #[serde(deserialize_with = "present")]
    pub product: Option<Option<String>>,
}

impl UpdateCoupon {
    /// Whether it names nothing but `is_active`.
    pub fn only_switches(&self) -> bool {
        let rest = Self {
            is_active: None,
            ..self.clone()
        };
        rest.is_nothing()
    }

    fn is_nothing(&self) -> bool {
        let worth = self.discount_type.is_some() || self.discount_value.is_some() || self.currency.is_some();
        let limits = self.usage_limit_global.is_some() || self.usage_limit_per_user.is_some();
        let window = self.starts_at.is_some() || self.expires_at.is_some();
        let products = self.allowed_product_ids.is_some() || self.product.is_some();
        let allowed = self.allowed_emails.is_some() || products;
        let marks = self.is_active.is_some() || self.is_public.is_some() || self.exclude_order_bumps.is_some();
        !(self.code.is_some() || self.name.is_some() || worth || limits || window || allowed || marks)
    }
}

/// Which coupons are wanted.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListCoupons {
    /// `active`, `inactive`, `expired` or `all`.
    pub status: Option<String>,
    /// Part of the code or name, any case.
    pub search: Option<String>,
    /// A column, with `-` before it from the top down; goes before the pair.
    pub sort: Option<String>,
    /// A column.
    pub sort_by: Option<String>,
    /// `asc` or `desc`.
    pub sort_order: Option<String>,
}

/// A coupon as it is told.
#[derive(Clone, Debug, Serialize)]
pub struct CouponView {
    /// Identity.
    pub id: Uuid,
    /// What buyers type.
    pub code: String,
    /// For people.
    pub name: Option<String>,
    /// `percentage` or `fixed`.
    pub discount_type: &'static str,
    /// Percent of the price, of a percentage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub percent: Option<Number>,
    /// The amount, of a fixed discount.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount_minor: Option<i64>,
    /// Of the amount.
    pub currency: Option<String>,
    /// Whether it can be used at all.
    pub is_active: bool,
    /// A mark without effect.
    pub is_public: bool,
    /// Whether order bumps keep their price.
    pub exclude_order_bumps: bool,
    /// From when on.
    pub starts_at: Timestamp,
    /// Until when.
    pub expires_at: Option<Timestamp>,
    /// Uses in all.
    pub usage_limit_global: Option<i64>,
    /// Uses of one buyer.
    pub usage_limit_per_user: Option<i64>,
    /// Who alone may use it.
    pub allowed_emails: Vec<String>,
    /// What alone it can be used for.
    pub allowed_product_ids: Vec<Uuid>,
    /// The address of that product, where it is one alone.
    pub product_slug: Option<String>,
    /// Uses that were paid for.
    pub current_usage_count: i64,
    /// Whether a one-time offer issued it.
    pub is_oto_coupon: bool,
    /// That offer.
    pub oto_offer_id: Option<Uuid>,
    /// The payment it was issued after.
    pub source_transaction_id: Option<Uuid>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl From<&Model> for CouponView {
    fn from(row: &Model) -> Self {
        Self {
            id: row.id,
            code: row.shown_code().to_owned(),
            name: Some(row.name.clone()).filter(|name| !name.is_empty()),
            discount_type: rules::kind(row),
            percent: row.percent_ppm.and_then(rules::percent),
            amount_minor: row.amount_minor,
            currency: row.currency.clone(),
            is_active: row.is_active,
            is_public: row.is_public,
            exclude_order_bumps: row.exclude_order_bumps,
            starts_at: Timestamp(row.starts_at),
            expires_at: row.expires_at.map(Timestamp),
            usage_limit_global: row.usage_limit_global,
            usage_limit_per_user: row.usage_limit_per_user,
            allowed_emails: row.allowed_emails.0.clone(),
            allowed_product_ids: row.allowed_products.0.clone(),
            product_slug: None,
            current_usage_count: row.usage_count,
            is_oto_coupon: row.offer.is_some(),
            oto_offer_id: row.offer,
            source_transaction_id: row.offer_payment,
            created_at: Timestamp(row.created_at),
            updated_at: Timestamp(row.updated_at),
        }
    }
}

/// What a buyer wants to use a code for.
#[derive(Clone, Debug)]
pub struct Asked {
    /// As he typed it.
    pub code: String,
    /// Who he is, where that is known already.
    pub email: Option<String>,
    /// The main product; order bumps do not count for what a coupon is allowed for.
    pub product: Uuid,
    /// Of every line.
    pub currency: String,
    /// What he buys, before any discount.
    pub lines: Vec<Line>,
}

/// One line of a purchase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// Whether it is an order bump rather than the main product.
    pub is_bump: bool,
    /// Its price.
    pub amount_minor: i64,
}

/// What a code is worth for a purchase.
#[derive(Clone, Debug)]
pub struct Quote {
    /// The coupon.
    pub coupon: Model,
    /// What the purchase becomes cheaper by, never more than it costs.
    pub discount_minor: i64,
    /// The discount of each line, in their order; their sum is `discount_minor`.
    pub per_line_minor: Vec<i64>,
}

/// A use that is to be kept for a checkout.
#[derive(Clone, Debug)]
pub struct Hold {
    /// The coupon.
    pub coupon: Uuid,
    /// For which checkout; one that has a hold keeps it.
    pub checkout: Uuid,
    /// Who pays; without him a limit for each buyer cannot be kept, and the hold is refused.
    pub email: Option<String>,
    /// The main product.
    pub product: Uuid,
    /// What the checkout became cheaper by.
    pub discount_minor: i64,
    /// Of the discount.
    pub currency: String,
    /// When it ends by itself.
    pub until: Timestamp,
}

impl Hold {
    /// The hold of a checkout until a moment; `None` for one without a coupon. The buyer is the one the checkout knows, else
    /// `email`.
    pub fn of(checkout: &entities::checkout::Model, email: Option<&str>, until: Timestamp) -> Option<Self> {
        Some(Self {
            coupon: checkout.coupon?,
            checkout: checkout.id,
            email: checkout.email.clone().or_else(|| email.map(str::to_owned)),
            product: checkout.product,
            discount_minor: checkout.discount_minor,
            currency: checkout.currency.clone(),
            until,
        })
    }
}

/// A payment that takes a use, with what the event `coupon.used` tells beside the coupon.
#[derive(Clone, Debug)]
pub struct Redemption<'a> {
    /// The payment, with its coupon, checkout and discount.
    pub payment: &'a payment::Model,
    /// Who paid.
    pub customer: &'a customer::Model,
    /// The main product.
    pub product: &'a product::Model,
    /// The neutral shape `purchase_order`.
    pub order: Value,
}

/// A coupon that a one-time offer issues to a buyer.
#[derive(Clone, Debug)]
pub struct Issue {
    /// What buyers type; the caller makes it of chance.
    pub code: String,
    /// The offer.
    pub offer: Uuid,
    /// The payment it follows.
    pub payment: Uuid,
    /// Whose it is.
    pub email: String,
    /// What it is for.
    pub product: Uuid,
    /// What it is worth.
    pub worth: rules::Worth,
    /// Until when.
    pub until: Timestamp,
}

/// How often, and how much.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Uses.
    pub count: i64,
    /// Discounts in minor units.
    pub amount: i64,
}

/// How a coupon was used; every amount is in minor units.
#[derive(Clone, Debug, Serialize)]
pub struct StatsView {
    /// The coupon.
    pub coupon_id: Uuid,
    /// What buyers type.
    pub coupon_code: String,
    /// What the sums are in, where that is one currency.
    pub currency: Option<String>,
    /// In all.
    pub summary: SummaryView,
    /// Each currency for itself.
    pub by_currency: std::collections::BTreeMap<String, Tally>,
    /// The newest.
    pub recent_redemptions: Vec<RecentView>,
    /// Of thirty days, the oldest first.
    pub daily_usage: Vec<DayView>,
    /// Of each product.
    pub usage_by_product: Vec<ProductUseView>,
}

/// Uses in all; currencies are added together.
#[derive(Clone, Debug, Serialize)]
pub struct SummaryView {
    /// Paid uses.
    pub total_redemptions: i64,
    /// What buyers paid less.
    pub total_discount_amount: i64,
    /// Addresses that used it.
    pub unique_users: i64,
    /// Uses there are.
    pub usage_limit_global: Option<i64>,
    /// Uses of one buyer.
    pub usage_limit_per_user: Option<i64>,
    /// Uses left; `None` without a limit.
    pub remaining_global_uses: Option<i64>,
}

/// One use.
#[derive(Clone, Debug, Serialize)]
pub struct RecentView {
    /// Identity of the use.
    pub id: Uuid,
    /// Who paid.
    pub customer_email: Option<String>,
    /// What he paid less.
    pub discount_amount: i64,
    /// Of the discount.
    pub currency: String,
    /// When.
    pub redeemed_at: Option<Timestamp>,
    /// The payment.
    pub transaction_id: Option<Uuid>,
}

/// One day's uses.
#[derive(Clone, Debug, Serialize)]
pub struct DayView {
    /// The UTC day.
    pub date: String,
    /// Uses.
    pub count: i64,
    /// Discounts.
    pub amount: i64,
}

/// One product's uses.
#[derive(Clone, Debug, Serialize)]
pub struct ProductUseView {
    /// The product.
    pub product_id: Uuid,
    /// Its name now.
    pub product_name: Option<String>,
    /// Uses.
    pub count: i64,
    /// Discounts.
    pub amount: i64,
}
