//! What goes in and out, in neutral names; the dialects' files map it.

use crate::domain::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Which orders are wanted.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListOrders {
    /// `paid`, `refunded` or `disputed`.
    pub status: Option<String>,
    /// Those of this student.
    pub student_id: Option<Uuid>,
    /// Those of this address.
    pub email: Option<String>,
}

/// An order as it is told to anybody.
#[derive(Clone, Debug, Serialize)]
pub struct OrderView {
    /// Identity, that of the payment.
    pub id: Uuid,
    /// `paid`, `partially_refunded`, `refunded` or `disputed`.
    pub status: &'static str,
    /// What it is about.
    pub product_id: Uuid,
    /// Its name when it was sold.
    pub product_name: String,
    /// Who paid.
    pub customer_email: String,
    /// His name.
    pub customer_name: Option<String>,
    /// Which student he is.
    pub student_id: Uuid,
    /// The course it is about, or the first one that came with it.
    pub course_id: Option<Uuid>,
    /// ISO 4217 code.
    pub currency: String,
    /// What was paid, after discount and with tax: fee and net together.
    pub gross_minor: i64,
    /// What the gateway kept.
    pub fee_minor: i64,
    /// What is left.
    pub net_minor: i64,
    /// The tax in it, where it is known.
    pub tax_minor: Option<i64>,
    /// What went back so far.
    pub refunded_minor: i64,
    /// When it was paid.
    pub paid_at: Option<Timestamp>,
    /// When all of it, or the last part, went back.
    pub refunded_at: Option<Timestamp>,
    /// The receipt, for whoever has the address.
    pub receipt_url: Option<String>,
    /// What was bought.
    pub items: Vec<ItemView>,
    /// What it gave, and what of that is gone.
    pub entitlements: Vec<EntitlementView>,
    /// When it was written down.
    pub created_at: Timestamp,
}

/// One line of an order.
#[derive(Clone, Debug, Serialize)]
pub struct ItemView {
    /// What.
    pub product_id: Uuid,
    /// Its name when it was sold.
    pub product_name: String,
    /// How many.
    pub quantity: i64,
    /// What was paid for it, in minor units.
    pub amount_minor: i64,
}

/// One thing an order gave.
#[derive(Clone, Debug, Serialize)]
pub struct EntitlementView {
    /// What.
    pub product_id: Uuid,
    /// The course it is, where it is one.
    pub course_id: Option<Uuid>,
    /// Since when.
    pub granted_at: Timestamp,
    /// Until when, where it is gone.
    pub revoked_at: Option<Timestamp>,
}

/// A receipt as whoever has its address may see it.
#[derive(Clone, Debug, Serialize)]
pub struct ReceiptView {
    /// Who sold.
    pub seller: String,
    /// What was paid.
    pub order: OrderView,
}

/// Over which days, as they were sent.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct AskedWindow {
    /// First day.
    pub from: Option<String>,
    /// Last day.
    pub to: Option<String>,
}

/// What happened over a window.
#[derive(Clone, Debug, Serialize)]
pub struct SummaryView {
    /// First day, UTC.
    pub from: String,
    /// Last day, UTC.
    pub to: String,
    /// Money, in the currency of most orders.
    pub revenue: RevenueView,
    /// Money in every currency.
    pub revenue_by_currency: Vec<RevenueView>,
    /// Enrolments made in the window, and how many of them led to the end.
    pub completion: CompletionView,
}

/// Money of one currency.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RevenueView {
    /// Paid, after discount.
    pub gross_minor: i64,
    /// What gateways kept.
    pub fees_minor: i64,
    /// What is left of it, refunds aside.
    pub net_minor: i64,
    /// What went back in the window.
    pub refunded_minor: i64,
    /// ISO 4217 code.
    pub currency: String,
    /// Number of orders paid.
    pub orders: i64,
    /// Number of refunds made.
    pub refunds: i64,
}

/// How far students came.
#[derive(Clone, Debug, Serialize)]
pub struct CompletionView {
    /// Enrolments made in the window.
    pub enrollments: i64,
    /// How many of them are completed.
    pub completed: i64,
    /// Their share, 0 to 1.
    pub rate: f64,
}
