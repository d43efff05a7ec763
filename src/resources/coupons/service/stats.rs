//! How a coupon was used.

use super::super::store::stats as read_from;
use super::super::types::{DayView, ProductUseView, RecentView, StatsView, SummaryView, Tally};
use super::missing;
use crate::context::{Answer, Ctx};
use crate::domain::time::DAY_MS;
use crate::domain::{Result, Timestamp};
use entities::coupon::Model;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Days that are told one by one.
const DAYS: i64 = 30;

/// Says how a coupon was used: in all, lately, by day and by product.
///
/// # Errors
/// `NotFound`.
pub async fn read(ctx: &Ctx, id: Uuid) -> Result<Answer> {
    let (db, room) = (ctx.store().read(), ctx.room()?);
    let coupon = super::store::find(db, room, id).await?.ok_or_else(missing)?;
    let by_currency = read_from::totals(db, &coupon).await?;
    let first_day = ctx.now.floor(DAY_MS).0 - (DAYS - 1) * DAY_MS;
    let view = StatsView {
        coupon_id: coupon.id,
        coupon_code: coupon.code.clone(),
        currency: currency(&coupon, &by_currency),
        summary: summary(&coupon, &by_currency, read_from::buyers(db, &coupon).await?),
        recent_redemptions: recent(read_from::recent(db, &coupon).await?),
        daily_usage: daily(first_day, &read_from::by_day(db, &coupon, first_day).await?),
        usage_by_product: by_product(read_from::by_product(db, &coupon).await?),
        by_currency,
    };
    Answer::one("coupon_stats", &view)
}

/// The currency sums are in: the coupon's own, else the one all of its uses share.
fn currency(coupon: &Model, by_currency: &BTreeMap<String, Tally>) -> Option<String> {
    let only = (by_currency.len() == 1).then(|| by_currency.keys().next().cloned()).flatten();
    coupon.currency.clone().or(only)
}

fn summary(coupon: &Model, by_currency: &BTreeMap<String, Tally>, unique_users: i64) -> SummaryView {
    let left = |limit: i64| (limit - coupon.usage_count).max(0);
    SummaryView {
        total_redemptions: by_currency.values().map(|tally| tally.count).sum(),
        total_discount_amount: by_currency.values().map(|tally| tally.amount).sum(),
        unique_users,
        usage_limit_global: coupon.usage_limit_global,
        usage_limit_per_user: coupon.usage_limit_per_user,
        remaining_global_uses: coupon.usage_limit_global.map(left),
    }
}

fn recent(rows: Vec<entities::coupon_redemption::Model>) -> Vec<RecentView> {
    let view = |row: entities::coupon_redemption::Model| RecentView {
        id: row.id,
        customer_email: row.email,
        discount_amount: row.discount_minor,
        currency: row.currency,
        redeemed_at: row.redeemed_at.map(Timestamp),
        transaction_id: row.payment,
    };
    rows.into_iter().map(view).collect()
}

/// Every day of the window, also those on which nobody used it.
fn daily(first_day: i64, used: &BTreeMap<i64, Tally>) -> Vec<DayView> {
    let day = |number: i64| {
        let tally = used.get(&(first_day / DAY_MS + number)).copied().unwrap_or_default();
        DayView {
            date: Timestamp(first_day + number * DAY_MS).day_text(),
            count: tally.count,
            amount: tally.amount,
        }
    };
    (0..DAYS).map(day).collect()
}

fn by_product(rows: Vec<(Uuid, Option<String>, Tally)>) -> Vec<ProductUseView> {
    let view = |(product_id, product_name, tally): (Uuid, Option<String>, Tally)| ProductUseView {
        product_id,
        product_name,
        count: tally.count,
        amount: tally.amount,
    };
    rows.into_iter().map(view).collect()
}
