//! What a shop learns of its sales and looks, by UTC days. Revenue is what was paid, after discounts, before fees. A sale
//! stays a sale of its day whatever becomes of it: refunds and disputes rewrite no day that is over. Sums are of the currency
//! most sales were made in; where there are several, each stands beside them.

use super::rules::{self, Days};
use super::store::{self, Paid};
use super::types::{Day, InCurrency, Overview, Performance, Period};
use crate::context::{Answer, Ctx};
use crate::domain::Result;
use crate::resources::products::rules::average;
use serde_json::json;
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// The four figures of a period.
///
/// # Errors
/// `Validation` for a period that is none.
pub async fn overview(ctx: &Ctx, period: &Period) -> Result<Answer> {
    let (room, days) = (ctx.room()?, rules::days(period, ctx.now)?);
    let paid = store::paid(ctx.store().read(), room, days).await?;
    let views = store::seen(ctx.store().read(), room, days)
        .await?
        .iter()
        .map(|seen| seen.views)
        .sum();
    let currencies = by_currency(&paid);
    let sales_count = currencies.iter().map(|one| one.sales_count).sum();
    let main = currencies.first();
    Answer::one(
        "market_overview",
        &Overview {
            revenue_minor: main.map_or(0, |main| main.revenue_minor),
            currency: main.map_or_else(|| "USD".to_owned(), |main| main.currency.clone()),
            sales_count,
            views,
            conversion_rate: rules::conversion(sales_count, views),
            currencies: if currencies.len() > 1 { currencies } else { Vec::new() },
        },
    )
}

/// Every day of a period.
///
/// # Errors
/// `Validation` for a period that is none.
pub async fn revenue(ctx: &Ctx, period: &Period) -> Result<Answer> {
    let (room, days) = (ctx.room()?, rules::days(period, ctx.now)?);
    let paid = store::paid(ctx.store().read(), room, days).await?;
    Answer::one("market_revenue", &json!({ "revenue": series(days, &paid) }))
}

/// Every product's figures in a period, the one that earned most first.
///
/// # Errors
/// `Validation` for a period that is none.
pub async fn products(ctx: &Ctx, period: &Period) -> Result<Answer> {
    let (room, days) = (ctx.room()?, rules::days(period, ctx.now)?);
    let db = ctx.store().read();
    let mut sold: HashMap<Uuid, Vec<Paid>> = HashMap::new();
    for paid in store::paid(db, room, days).await? {
        sold.entry(paid.product).or_default().push(paid);
    }
    let seen: HashMap<Uuid, i64> = store::seen(db, room, days)
        .await?
        .into_iter()
        .map(|seen| (seen.product, seen.views))
        .collect();
    let rows = store::products(db, room).await?;
    let mut reports: Vec<Performance> = rows
        .into_iter()
        .map(|row| {
            let currencies = by_currency(sold.get(&row.id).map_or(&[], Vec::as_slice));
            let views = seen.get(&row.id).copied().unwrap_or(0);
            let sales_count = currencies.iter().map(|one| one.sales_count).sum();
            let main = currencies.first().cloned();
            Performance {
                id: row.id,
                name: row.name,
                slug: row.slug,
                revenue_minor: main.as_ref().map_or(0, |main| main.revenue_minor),
                currency: main.map_or(row.currency, |main| main.currency),
                sales_count,
                views,
                conversion_rate: rules::conversion(sales_count, views),
                avg_rating: average(row.rating_sum, row.rating_count),
                currencies: (currencies.len() > 1).then_some(currencies),
            }
        })
        .collect();
    // Stable: among equals the newest product stays first.
    reports.sort_by_key(|report| std::cmp::Reverse((report.revenue_minor, report.sales_count, report.views)));
    Answer::one("market_products", &json!({ "products": reports }))
}

fn series(days: Days, paid: &[Paid]) -> Vec<Day> {
    let all = by_currency(paid);
    let main = all.first().map(|main| main.currency.as_str());
    let mut found: BTreeMap<i64, Vec<Paid>> = (days.from..days.until).map(|day| (day, Vec::new())).collect();
    for one in paid {
        if let Some(day) = found.get_mut(&one.day) {
            day.push(one.clone());
        }
    }
    let day = |(day, paid): (i64, Vec<Paid>)| {
        let currencies = by_currency(&paid);
        let of_main = currencies.iter().find(|one| Some(one.currency.as_str()) == main);
        Day {
            date: rules::date(day),
            revenue_minor: of_main.map_or(0, |main| main.revenue_minor),
            sales_count: currencies.iter().map(|one| one.sales_count).sum(),
            currencies: (all.len() > 1).then_some(currencies),
        }
    };
    found.into_iter().map(day).collect()
}

/// Sums of each currency, the one with the most sales first.
fn by_currency(paid: &[Paid]) -> Vec<InCurrency> {
    let mut sums: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    for one in paid {
        let sum = sums.entry(&one.currency).or_default();
        (sum.0, sum.1) = (sum.0 + one.revenue_minor, sum.1 + one.sales_count);
    }
    let mut currencies: Vec<InCurrency> = sums
        .into_iter()
        .map(|(currency, (revenue_minor, sales_count))| InCurrency {
            currency: currency.to_owned(),
            revenue_minor,
            sales_count,
        })
        .collect();
    currencies.sort_by_key(|one| std::cmp::Reverse((one.sales_count, one.revenue_minor)));
    currencies
}
