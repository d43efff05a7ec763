//! What goes in and out, in neutral names; the dialects' files map it. Every amount is in minor units.

use crate::domain::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// What the dashboard is narrowed to.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct AskDashboard {
    /// Money of this product alone.
    pub product_id: Option<Uuid>,
}

/// Which revenue is wanted.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct AskRevenue {
    /// `day`, `week`, `month`, `quarter`, `year` or `all`, each up to now.
    pub period: String,
    /// First day, in place of the period's.
    pub start_date: Option<String>,
    /// Last day, in place of today.
    pub end_date: Option<String>,
    /// Money of this product alone.
    pub product_id: Option<Uuid>,
    /// `day`, `week` or `month`.
    pub group_by: Option<String>,
}

/// Which ranking is wanted.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct AskTopProducts {
    /// As for revenue.
    pub period: String,
    /// How many products.
    pub limit: u32,
    /// `revenue` or `sales`.
    pub sort_by: String,
}

/// Sums of one currency, or of all of them added together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// What was paid.
    pub revenue: i64,
    /// How many payments.
    pub transactions: i64,
    /// What went back of it.
    pub refunded: i64,
}

impl Tally {
    /// Adds another.
    pub fn add(&mut self, other: Self) {
        self.revenue += other.revenue;
        self.transactions += other.transactions;
        self.refunded += other.refunded;
    }
}

/// Sums of each currency.
pub type ByCurrency = BTreeMap<String, Tally>;

/// The shop at a glance.
#[derive(Clone, Debug, Serialize)]
pub struct DashboardView {
    /// Money.
    pub revenue: RevenueNow,
    /// Payments.
    pub transactions: Counts,
    /// Products, whatever the filter.
    pub products: ProductCounts,
    /// Customers, whatever the filter.
    pub users: UserCounts,
    /// Money given back, and requests for it.
    pub refunds: RefundCounts,
    /// Seven days, the oldest first.
    pub recent_activity: Vec<ActivityView>,
    /// When it was summed up.
    pub generated_at: Timestamp,
    /// What it was narrowed to.
    pub filters: DashboardFilters,
}

/// Money of today, of the running week and month, and in all.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Spans {
    /// Since midnight, UTC.
    pub today: i64,
    /// Since Sunday.
    pub this_week: i64,
    /// Since the first.
    pub this_month: i64,
    /// Ever.
    pub total: i64,
}

/// Money at a glance.
#[derive(Clone, Debug, Serialize)]
pub struct RevenueNow {
    /// The sums of all currencies.
    #[serde(flatten)]
    pub spans: Spans,
    /// What went back.
    pub total_refunded: i64,
    /// What is left.
    pub net_revenue: i64,
    /// Each currency for itself.
    pub by_currency: BTreeMap<String, CurrencyNow>,
}

/// One currency at a glance.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct CurrencyNow {
    /// Its sums.
    #[serde(flatten)]
    pub spans: Spans,
    /// What went back.
    pub total_refunded: i64,
    /// What is left.
    pub net_revenue: i64,
    /// The sum again, with its payments, as the report of revenue has them.
    #[serde(flatten)]
    pub all: Tally,
}

/// Payments at a glance.
pub type Counts = Spans;

/// Products at a glance.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct ProductCounts {
    /// For sale.
    pub active: i64,
    /// All.
    pub total: i64,
}

/// Customers at a glance.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct UserCounts {
    /// All.
    pub total: i64,
    /// Who may use something.
    pub with_access: i64,
}

/// Refunds at a glance.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct RefundCounts {
    /// Requests that wait.
    pub pending_count: i64,
    /// What went back of completed payments.
    pub total_refunded: i64,
}

/// One day.
#[derive(Clone, Debug, Serialize)]
pub struct ActivityView {
    /// The UTC day.
    pub date: String,
    /// Payments.
    pub transactions: i64,
    /// Money.
    pub revenue: i64,
}

/// What a dashboard was narrowed to.
#[derive(Clone, Debug, Serialize)]
pub struct DashboardFilters {
    /// The product.
    pub product_id: Option<Uuid>,
}

/// The revenue of a period.
#[derive(Clone, Debug, Serialize)]
pub struct RevenueView {
    /// The whole period.
    pub summary: RevenueSummary,
    /// Its parts, those without sales too.
    pub breakdown: Vec<PartView>,
    /// The period before it.
    pub comparison: ComparisonView,
    /// What was asked, as it was understood.
    pub filters: RevenueFilters,
    /// When it was summed up.
    pub generated_at: Timestamp,
}

/// The sums of a period.
#[derive(Clone, Debug, Serialize)]
pub struct RevenueSummary {
    /// Money.
    pub total_revenue: i64,
    /// What went back.
    pub total_refunded: i64,
    /// What is left.
    pub net_revenue: i64,
    /// Payments.
    pub total_transactions: i64,
    /// Money of one payment, to the nearest minor unit.
    pub average_order_value: i64,
    /// Each currency for itself.
    pub by_currency: ByCurrency,
}

/// One part of a period.
#[derive(Clone, Debug, Serialize)]
pub struct PartView {
    /// Its first day, or its month.
    pub date: String,
    /// Money.
    pub revenue: i64,
    /// Payments.
    pub transactions: i64,
    /// Each currency for itself.
    pub by_currency: ByCurrency,
}

/// A period held against the one before it.
#[derive(Clone, Debug, Serialize)]
pub struct ComparisonView {
    /// The one before.
    pub previous_period: PreviousView,
    /// How money changed.
    pub revenue_change_percent: f64,
    /// How the number of payments changed.
    pub transaction_change_percent: f64,
}

/// The period before: as many days, up to the first one asked for.
#[derive(Clone, Debug, Serialize)]
pub struct PreviousView {
    /// Its beginning; nothing goes before all time.
    pub start: Option<String>,
    /// Its end.
    pub end: Option<String>,
    /// Money.
    pub revenue: i64,
    /// Payments.
    pub transactions: i64,
}

/// What was asked of revenue, as it was understood.
#[derive(Clone, Debug, Serialize)]
pub struct RevenueFilters {
    /// The period.
    pub period: String,
    /// The first moment; none for all time.
    pub start_date: Option<String>,
    /// The last moment.
    pub end_date: Option<String>,
    /// The product.
    pub product_id: Option<Uuid>,
    /// The parts.
    pub group_by: &'static str,
}

/// Products by what they sold.
#[derive(Clone, Debug, Serialize)]
pub struct TopProductsView {
    /// The first ones.
    pub products: Vec<RankedView>,
    /// All of them together.
    pub summary: TopSummary,
    /// What was asked, as it was understood.
    pub filters: TopFilters,
    /// When it was summed up.
    pub generated_at: Timestamp,
}

/// One product and what it sold.
#[derive(Clone, Debug, Serialize)]
pub struct RankedView {
    /// The product.
    pub product_id: Uuid,
    /// Its name now.
    pub name: String,
    /// Its address now.
    pub slug: String,
    /// Whether it is for sale now.
    pub is_active: bool,
    /// What it costs now.
    pub current_price_minor: i64,
    /// Of that price.
    pub currency: String,
    /// Money.
    pub revenue: i64,
    /// Payments.
    pub sales_count: i64,
    /// Money of one payment, to the nearest minor unit.
    pub average_price: i64,
    /// Each currency for itself.
    pub by_currency: BTreeMap<String, CurrencySales>,
    /// From 1.
    pub rank: usize,
    /// Percent of all money.
    pub revenue_share: f64,
    /// Percent of all payments.
    pub sales_share: f64,
}

/// Sales in one currency.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct CurrencySales {
    /// Money.
    pub revenue: i64,
    /// Payments.
    pub count: i64,
}

/// All products together.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct TopSummary {
    /// Products that sold.
    pub total_products: i64,
    /// Money.
    pub total_revenue: i64,
    /// Payments.
    pub total_sales: i64,
}

/// What was asked of the ranking, as it was understood.
#[derive(Clone, Debug, Serialize)]
pub struct TopFilters {
    /// The period.
    pub period: String,
    /// Its first moment; none for all time.
    pub start_date: Option<String>,
    /// How many.
    pub limit: u32,
    /// By what.
    pub sort_by: String,
}
