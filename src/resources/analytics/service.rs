//! One function per operation; nothing is changed.

use super::rules::{self, Cut, Range};
use super::store;
use super::types::{
    ActivityView, AskDashboard, AskRevenue, AskTopProducts, ByCurrency, ComparisonView, Counts, CurrencyNow, CurrencySales,
    DashboardFilters, DashboardView, PartView, PreviousView, ProductCounts, RankedView, RefundCounts, RevenueFilters, RevenueNow,
    RevenueSummary, RevenueView, Spans, Tally, TopFilters, TopProductsView, TopSummary, UserCounts,
};
use crate::context::{Answer, Ctx, Room};
use crate::domain::Result;
use entities::product::Status;
use entities::sales_day::Model as Day;
use sea_orm::ConnectionTrait;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use uuid::Uuid;

/// Days told one by one on the dashboard.
const RECENT_DAYS: i64 = 7;

/// Sums up the shop; a product narrows money and payments, nothing else.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn dashboard(ctx: &Ctx, asked: AskDashboard) -> Result<Answer> {
    let (db, room) = (ctx.store().read(), ctx.room()?);
    let product = asked.product_id.unwrap_or_else(Uuid::nil);
    let today = rules::day_of(ctx.now);
    let recent_first = today - RECENT_DAYS + 1;
    let first = recent_first.min(rules::month(today)).min(rules::sunday(today));
    let totals = store::totals(db, room, product, None).await?;
    let days = store::days(db, room, product, &(first..=today)).await?;
    let beside = store::beside(ctx.store(), room).await?;
    let (revenue, transactions) = now_of(&totals, &days, today);
    let by_day = store::by_day(&days);
    let activity = |day: i64| {
        let tally = by_day.get(&day).copied().unwrap_or_default();
        ActivityView {
            date: Cut::Day.label(day),
            transactions: tally.transactions,
            revenue: tally.revenue,
        }
    };
    let view = DashboardView {
        refunds: RefundCounts {
            pending_count: beside.requests_pending,
            total_refunded: revenue.total_refunded,
        },
        revenue,
        transactions,
        products: ProductCounts {
            active: beside.products_active,
            total: beside.products,
        },
        users: UserCounts {
            total: beside.customers,
            with_access: beside.holders,
        },
        recent_activity: (recent_first..=today).map(activity).collect(),
        generated_at: ctx.now,
        filters: DashboardFilters {
            product_id: asked.product_id,
        },
    };
    Answer::one("analytics_dashboard", &view)
}

/// The sums of each currency, over all products.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn totals(db: &impl ConnectionTrait, room: &Room, days: Option<RangeInclusive<i64>>) -> Result<ByCurrency> {
    store::totals(db, room, Uuid::nil(), days.as_ref()).await
}

/// Money and payments of today, of the running week and month, and in all.
fn now_of(totals: &ByCurrency, days: &[Day], today: i64) -> (RevenueNow, Counts) {
    let mut by_currency: BTreeMap<String, CurrencyNow> = BTreeMap::new();
    let (mut money, mut counts, mut all) = (Spans::default(), Spans::default(), Tally::default());
    for (currency, tally) in totals {
        all.add(*tally);
        let own = by_currency.entry(currency.clone()).or_default();
        (own.all, own.spans.total) = (*tally, tally.revenue);
        (own.total_refunded, own.net_revenue) = (tally.refunded, tally.revenue - tally.refunded);
    }
    (money.total, counts.total) = (all.revenue, all.transactions);
    for day in days {
        let own = by_currency.entry(day.currency.clone()).or_default();
        for (spans, amount) in [
            (&mut money, day.revenue_minor),
            (&mut counts, day.payments),
            (&mut own.spans, day.revenue_minor),
        ] {
            spans.today += if day.day == today { amount } else { 0 };
            spans.this_week += if day.day >= rules::sunday(today) { amount } else { 0 };
            spans.this_month += if day.day >= rules::month(today) { amount } else { 0 };
        }
    }
    let revenue = RevenueNow {
        spans: money,
        total_refunded: all.refunded,
        net_revenue: all.revenue - all.refunded,
        by_currency,
    };
    (revenue, counts)
}

/// Tells the revenue of a period, cut into parts and held against the period before.
///
/// # Errors
/// `Malformed` for dates that cannot be.
pub async fn revenue(ctx: &Ctx, asked: AskRevenue) -> Result<Answer> {
    let (db, room) = (ctx.store().read(), ctx.room()?);
    let product = asked.product_id.unwrap_or_else(Uuid::nil);
    let range = rules::range(&asked, ctx.now)?;
    let cut = rules::cut_of(&asked.period, asked.group_by.as_deref());
    let first = match range.first {
        Some(first) => Some(first),
        None => store::first_day(db, room, product).await?,
    };
    let (parts, rows) = match first.filter(|first| *first <= range.last) {
        Some(first) => (
            rules::parts(cut, first..=range.last)?,
            store::days(db, room, product, &(first..=range.last)).await?,
        ),
        None => (Vec::new(), Vec::new()),
    };
    let summary = summary(sums(&rows));
    let before = range.before();
    let earlier = match &before {
        Some(days) => total(&store::totals(db, room, product, Some(days)).await?),
        None => Tally::default(),
    };
    let view = RevenueView {
        breakdown: breakdown(cut, &parts, &rows),
        comparison: comparison(before.as_ref(), earlier, &summary),
        summary,
        filters: filters(&asked, &range, cut),
        generated_at: ctx.now,
    };
    Answer::one("analytics_revenue", &view)
}

fn filters(asked: &AskRevenue, range: &Range, cut: Cut) -> RevenueFilters {
    RevenueFilters {
        period: rules::period_name(&asked.period).to_owned(),
        start_date: range.first.map(rules::start_text),
        end_date: Some(rules::end_text(range.last)),
        product_id: asked.product_id,
        group_by: cut.name(),
    }
}

/// Each currency's sums.
fn sums(rows: &[Day]) -> ByCurrency {
    let mut by_currency = ByCurrency::new();
    for row in rows {
        by_currency.entry(row.currency.clone()).or_default().add(store::tally(row));
    }
    by_currency
}

/// All currencies added together.
fn total(by_currency: &ByCurrency) -> Tally {
    let mut all = Tally::default();
    by_currency.values().for_each(|tally| all.add(*tally));
    all
}

fn summary(by_currency: ByCurrency) -> RevenueSummary {
    let all = total(&by_currency);
    RevenueSummary {
        total_revenue: all.revenue,
        total_refunded: all.refunded,
        net_revenue: all.revenue - all.refunded,
        total_transactions: all.transactions,
        average_order_value: rules::average(all.revenue, all.transactions),
        by_currency,
    }
}

fn breakdown(cut: Cut, parts: &[i64], rows: &[Day]) -> Vec<PartView> {
    let mut days: BTreeMap<i64, Vec<Day>> = BTreeMap::new();
    for row in rows {
        days.entry(cut.first(row.day)).or_default().push(row.clone());
    }
    let part = |first: &i64| {
        let by_currency = sums(days.get(first).map_or(&[][..], Vec::as_slice));
        let all = total(&by_currency);
        PartView {
            date: cut.label(*first),
            revenue: all.revenue,
            transactions: all.transactions,
            by_currency,
        }
    };
    parts.iter().map(part).collect()
}

fn comparison(before: Option<&RangeInclusive<i64>>, earlier: Tally, now: &RevenueSummary) -> ComparisonView {
    ComparisonView {
        previous_period: PreviousView {
            start: before.map(|days| rules::start_text(*days.start())),
            end: before.map(|days| rules::end_text(*days.end())),
            revenue: earlier.revenue,
            transactions: earlier.transactions,
        },
        revenue_change_percent: rules::change_percent(earlier.revenue, now.total_revenue),
        transaction_change_percent: rules::change_percent(earlier.transactions, now.total_transactions),
    }
}

/// Ranks products by what they sold in a period.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn top_products(ctx: &Ctx, asked: AskTopProducts) -> Result<Answer> {
    let (db, room) = (ctx.store().read(), ctx.room()?);
    let today = rules::day_of(ctx.now);
    let first = rules::period_start(&asked.period, today);
    let days = first.map(|first| first..=today);
    let all = total(&store::totals(db, room, Uuid::nil(), days.as_ref()).await?);
    let best = store::best(db, room, days.as_ref(), asked.sort_by == "sales", asked.limit.into()).await?;
    let ids: Vec<Uuid> = best.iter().map(|(id, _, _)| *id).collect();
    let known = store::products(db, room, ids.clone()).await?;
    let mut currencies: BTreeMap<Uuid, BTreeMap<String, CurrencySales>> = BTreeMap::new();
    for (id, currency, revenue, count) in store::currencies(db, room, days.as_ref(), ids).await? {
        if count > 0 {
            currencies
                .entry(id)
                .or_default()
                .insert(currency, CurrencySales { revenue, count });
        }
    }
    let ranked = best.iter().zip(1..).filter_map(|((id, revenue, count), rank)| {
        let product = known.get(id)?;
        Some(RankedView {
            product_id: *id,
            name: product.name.clone(),
            slug: product.slug.clone(),
            is_active: product.status == Status::Published && product.deleted_at.is_none(),
            current_price_minor: product.price_minor,
            currency: product.currency.clone(),
            revenue: *revenue,
            sales_count: *count,
            average_price: rules::average(*revenue, *count),
            by_currency: currencies.get(id).cloned().unwrap_or_default(),
            rank,
            revenue_share: rules::share_percent(*revenue, all.revenue),
            sales_share: rules::share_percent(*count, all.transactions),
        })
    });
    let view = TopProductsView {
        products: ranked.collect(),
        summary: TopSummary {
            total_products: store::sellers(db, room, days.as_ref()).await?,
            total_revenue: all.revenue,
            total_sales: all.transactions,
        },
        filters: TopFilters {
            period: rules::period_name(&asked.period).to_owned(),
            start_date: first.map(rules::start_text),
            limit: asked.limit,
            sort_by: asked.sort_by,
        },
        generated_at: ctx.now,
    };
    Answer::one("analytics_top_products", &view)
}
