//! Reports and lists over 10,000 and 1,000,000 payments, side by side in one database.

use super::Outcome;
use super::bulk;
use super::place::Place;
use super::plan::Plan;
use super::raw;
use super::samples::{Samples, whole};
use super::seed::{self, Tenant};
use super::served::Served;
use super::table::{Bar, Table};
use super::timed::{self, Question};
use fondaco::clock::Clock;
use fondaco::domain::Timestamp;
use fondaco::store::Store;
use sea_orm::{ConnectionTrait as _, Statement};
use std::time::Instant;

/// Products of each shop.
const PRODUCTS: u64 = 50;
/// By how much the small shop is smaller.
const LESS: u64 = 100;
const DAY_MS: i64 = 86_400_000;

/// The two shops.
struct Shops {
    keys: Vec<String>,
    products: Vec<uuid::Uuid>,
    sizes: [u64; 2],
}

pub(super) fn run(plan: &Plan, table: &mut Table) -> Outcome {
    let sizes = [plan.many / LESS, plan.many];
    let now = Clock::system(0).now();
    for place in Place::each(plan)? {
        let shops = place.with_store(async |store| seeded(&store, sizes, now).await)?;
        table.note(&format!(
            "the figure is what {} payments cost by what {} cost; in brackets both times ({})",
            sizes[1],
            sizes[0],
            place.name()
        ));
        straight(&place, plan, table)?;
        let server = place.serve()?;
        exact(&server, &shops)?;
        for (what, path) in questions(now) {
            let question = |shop: usize| {
                let key = shops.keys.get(shop).map_or("", String::as_str);
                let product = shops.products.get(shop).map(ToString::to_string).unwrap_or_default();
                Question::get(&path.replace("{product}", &product), key)
            };
            let took = timed::few_and_many(&server, plan, &question(0), &question(1))?;
            timed::report(table, what, &took, Bar::AtMost(10.0));
        }
        server.stop()?;
    }
    Ok(())
}

async fn seeded(store: &Store, sizes: [u64; 2], now: Timestamp) -> Outcome<Shops> {
    let keys = seed::tenants(store, &[Tenant::PLENTY; 2]).await?.concat();
    let mut products = Vec::new();
    for (shop, size) in sizes.into_iter().enumerate() {
        bulk::products(store, shop, PRODUCTS).await?;
        bulk::payments(store, shop, size, now.0).await?;
        products.push(bulk::product_id(shop, 3));
    }
    Ok(Shops { keys, products, sizes })
}

/// What is asked: reports, then lists.
fn questions(now: Timestamp) -> Vec<(&'static str, String)> {
    let day = |ago: i64| Timestamp(now.0 - ago * DAY_MS).day_text();
    let (from, to) = (day(200), day(190));
    let mut all: Vec<(&'static str, String)> = [
        ("dashboard", "analytics/dashboard"),
        ("dashboard of a product", "analytics/dashboard?product_id={product}"),
        ("revenue of a month", "analytics/revenue?period=month"),
        ("revenue of all time, by month", "analytics/revenue?period=all"),
        (
            "revenue of a product and year, by day",
            "analytics/revenue?period=year&group_by=day&product_id={product}",
        ),
        ("top products of a month", "analytics/top-products?period=month"),
        (
            "top products of all time, by sales",
            "analytics/top-products?period=all&sort_by=sales",
        ),
        ("payments summed up", "payments/stats"),
        ("payments, newest first", "payments?limit=20"),
        ("payments, oldest first", "payments?limit=20&sort=created_at"),
        ("payments, by amount", "payments?limit=20&sort=-amount"),
        ("payments, by address", "payments?limit=20&sort=customer_email"),
        ("payments completed", "payments?limit=20&status=completed"),
        ("payments given back", "payments?limit=20&status=refunded"),
        ("payments that wait", "payments?limit=20&status=pending"),
        (
            "payments given back, by amount",
            "payments?limit=20&status=refunded&sort=-amount",
        ),
        (
            "payments disputed, of which there are none",
            "payments?limit=20&status=disputed",
        ),
        ("payments for a product", "payments?limit=20&product_id={product}"),
        (
            "payments for a product given back",
            "payments?limit=20&product_id={product}&status=refunded",
        ),
        ("payments of a rare address", "payments?limit=20&email=zanzibar@example.org"),
        ("payments of a part of a rare address", "payments?limit=20&email=anzib"),
        ("the same, by amount", "payments?limit=20&email=anzib&sort=-amount"),
        (
            "payments of a part of nearly every address",
            "payments?limit=20&email=example.com",
        ),
        (
            "payments of an address that nobody has",
            "payments?limit=20&email=nobody-has-this",
        ),
    ]
    .map(|(what, path)| (what, format!("/api/v1/{path}")))
    .into();
    let days = format!("/api/v1/payments?limit=20&date_from={from}&date_to={to}");
    all.push(("payments of ten days half a year ago", days.clone()));
    all.push(("payments of those days given back", format!("{days}&status=refunded")));
    all.push(("payments of those days, by amount", format!("{days}&sort=-amount")));
    all.push(("payments of those days and a rare address", format!("{days}&email=zanzibar")));
    all
}

/// The reports tell what the rows do.
fn exact(server: &Served, shops: &Shops) -> Outcome {
    for (key, size) in shops.keys.iter().zip(shops.sizes) {
        let (_, body) = raw::once(server.app, ("GET", "/api/v1/analytics/dashboard"), key, "")?;
        let body: serde_json::Value = serde_json::from_str(&body)?;
        let told = body.pointer("/data/transactions/total").and_then(serde_json::Value::as_u64);
        let expected = (0..size).filter(|i| i % 100 != 11 && i % 500 != 12 && i % 1000 != 13).count();
        if told != u64::try_from(expected).ok() {
            return Err(format!("the dashboard tells {told:?} payments of {expected}").into());
        }
    }
    Ok(())
}

/// What the dashboard's sums would take from the payments themselves, by the index of their status: why they are kept.
fn straight(place: &Place, plan: &Plan, table: &mut Table) -> Outcome {
    let took = place.with_store(async |store| {
        let mut took = <[Samples; 2]>::default();
        for _ in 0..plan.rounds {
            for (shop, took) in took.iter_mut().enumerate() {
                let sums = "select currency, count(*), sum(amount_minor), sum(refunded_minor) from payments \
                            where tenant = $1 and mode = 'live' and status = 'completed' group by currency";
                let statement = Statement::from_sql_and_values(store.backend(), sums, [seed::tenant_id(shop).into()]);
                let begun = Instant::now();
                let rows = store.read().query_all_raw(statement).await?;
                if rows.len() != 2 {
                    return Err(format!("{} currencies", whole(rows.len())).into());
                }
                took.push(begun.elapsed().as_secs_f64() * 1e6);
            }
        }
        Ok(took)
    })?;
    let what = format!(
        "for comparison: the dashboard's sums from the payments themselves ({})",
        place.name()
    );
    timed::report(table, &what, &took, Bar::None);
    Ok(())
}
