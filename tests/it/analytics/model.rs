//! Random sales and refunds over random days, held against sums over the payments themselves, to the cent.

use crate::harness::{Shop, TestApp};
use entities::sales_day;
use fondaco::domain::Timestamp;
use fondaco::domain::time::DAY_MS;
use fondaco::resources::analytics::rollup;
use fondaco::store::Tx;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % bound as u64).unwrap()
    }
}

/// A payment as the list tells it.
#[derive(Clone)]
struct Known {
    product: String,
    day: i64,
    currency: String,
    amount: i64,
    refunded: i64,
}

/// Every completed payment, read from the list alone.
async fn known(shop: &Shop) -> Vec<Known> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = shop
            .api
            .get(&format!("/api/v1/payments?limit=100&status=completed{cursor}"))
            .await
            .is(200);
        for row in page["data"].as_array().unwrap() {
            let text = |name: &str| row[name].as_str().unwrap().to_owned();
            all.push(Known {
                product: row["product"]["id"].as_str().unwrap().to_owned(),
                day: Timestamp::parse(&text("created_at")).unwrap().0.div_euclid(DAY_MS),
                currency: text("currency"),
                amount: row["amount"].as_i64().unwrap(),
                refunded: row["refunded_amount"].as_i64().unwrap(),
            });
        }
        match page["pagination"]["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}

fn sum<'a>(rows: impl IntoIterator<Item = &'a Known>) -> (i64, i64, i64) {
    rows.into_iter().fold((0, 0, 0), |(revenue, count, refunded), row| {
        (revenue + row.amount, count + 1, refunded + row.refunded)
    })
}

async fn live(app: &TestApp, shop: &Shop, chance: &mut Chance, steps: usize) {
    let mut products = Vec::new();
    for (number, currency) in ["USD", "EUR", "JPY", "USD"].into_iter().enumerate() {
        let body = json!({ "name": format!("P{number}"), "slug": format!("p{number}"), "price": 100 + chance.below(9_000), "currency": currency });
        let made = shop.api.post("/api/v1/products", body).await.is(201);
        products.push(made["data"]["id"].as_str().unwrap().to_owned());
    }
    let mut paid: Vec<String> = Vec::new();
    for _ in 0..steps {
        match chance.below(10) {
            0..=5 => {
                let product = &products[chance.below(products.len())];
                paid.push(shop.sale(product, &format!("b{}@example.com", chance.below(6))).await);
            }
            6 | 7 if !paid.is_empty() => {
                let payment = &paid[chance.below(paid.len())];
                let body = if chance.below(3) == 0 {
                    json!({})
                } else {
                    json!({ "amount": 1 + chance.below(900) })
                };
                let answer = shop.api.post(&format!("/api/v1/payments/{payment}/refund"), body).await;
                assert!(matches!(answer.status, 200 | 400), "{}", answer.text());
            }
            _ => app.advance((1 + chance.below(9)) as u64 * 43_200).await,
        }
    }
}

async fn read(shop: &Shop, path: &str) -> Value {
    shop.api.get(&format!("/api/v1/{path}")).await.is(200)["data"].clone()
}

fn is_money(found: &Value, rows: &[Known], about: &str) {
    let (revenue, count, refunded) = sum(rows);
    assert_eq!(found["total_revenue"], revenue, "{about}");
    assert_eq!(found["total_transactions"], count, "{about}");
    assert_eq!(found["total_refunded"], refunded, "{about}");
    assert_eq!(found["net_revenue"], revenue - refunded, "{about}");
    let mut currencies: BTreeMap<&str, Vec<Known>> = BTreeMap::new();
    for row in rows {
        currencies.entry(&row.currency).or_default().push(row.clone());
    }
    let expected: BTreeMap<&str, Value> = currencies
        .into_iter()
        .map(|(code, rows)| {
            let (revenue, transactions, refunded) = sum(&rows);
            (
                code,
                json!({ "revenue": revenue, "transactions": transactions, "refunded": refunded }),
            )
        })
        .collect();
    assert_eq!(found["by_currency"], json!(expected), "{about}");
}

async fn revenue_is_exact(shop: &Shop, all: &[Known], today: i64) {
    let day = |text: &Value| Timestamp::parse(text.as_str().unwrap()).unwrap().0.div_euclid(DAY_MS);
    for period in ["day", "week", "month", "quarter", "year", "all"] {
        for group in ["", "&group_by=day", "&group_by=week", "&group_by=month"] {
            for product in [None, all.first().map(|row| row.product.clone())] {
                let narrowed = product.as_ref().map(|id| format!("&product_id={id}")).unwrap_or_default();
                let query = format!("analytics/revenue?period={period}{group}{narrowed}");
                let found = read(shop, &query).await;
                let first = found["filters"]["start_date"]
                    .as_str()
                    .map_or(0, |_| day(&found["filters"]["start_date"]));
                let of_product = |row: &&Known| product.as_ref().is_none_or(|id| *id == row.product);
                let within = |row: &&Known| of_product(row) && (first..=today).contains(&row.day);
                let rows: Vec<Known> = all.iter().filter(within).cloned().collect();
                is_money(&found["summary"], &rows, &query);
                let parts = found["breakdown"].as_array().unwrap();
                let total: i64 = parts.iter().map(|part| part["revenue"].as_i64().unwrap()).sum();
                let count: i64 = parts.iter().map(|part| part["transactions"].as_i64().unwrap()).sum();
                assert_eq!((total, count), (sum(&rows).0, sum(&rows).1), "{query}");
                let dates: Vec<&str> = parts.iter().map(|part| part["date"].as_str().unwrap()).collect();
                assert!(dates.windows(2).all(|pair| pair[0] < pair[1]), "{query}: {dates:?}");
                let before = &found["comparison"]["previous_period"];
                if before["start"].is_string() {
                    let days = day(&before["start"])..=day(&before["end"]);
                    let earlier: Vec<Known> = all
                        .iter()
                        .filter(of_product)
                        .filter(|row| days.contains(&row.day))
                        .cloned()
                        .collect();
                    assert_eq!(
                        (before["revenue"].as_i64(), before["transactions"].as_i64()),
                        (Some(sum(&earlier).0), Some(sum(&earlier).1))
                    );
                }
            }
        }
    }
}

async fn dashboard_is_exact(shop: &Shop, all: &[Known], today: i64) {
    let found = read(shop, "analytics/dashboard").await;
    let since = |first: i64| sum(all.iter().filter(|row| row.day >= first));
    let sunday = today - (today + 4).rem_euclid(7);
    let at = Timestamp(today * DAY_MS).day_text();
    let month = Timestamp::parse(&format!("{}-01T00:00:00Z", &at[..7])).unwrap().0 / DAY_MS;
    let (total, count, refunded) = since(0);
    for (name, first) in [("today", today), ("this_week", sunday), ("this_month", month), ("total", 0)] {
        assert_eq!(found["revenue"][name], since(first).0, "{name}");
        assert_eq!(found["transactions"][name], since(first).1, "{name}");
    }
    assert_eq!(found["revenue"]["net_revenue"], total - refunded);
    for (day, told) in (today - 6..=today).zip(found["recent_activity"].as_array().unwrap()) {
        let (revenue, transactions, _) = sum(all.iter().filter(|row| row.day == day));
        let date = Timestamp(day * DAY_MS).day_text();
        assert_eq!(
            *told,
            json!({ "date": date, "transactions": transactions, "revenue": revenue })
        );
    }
    let stats = read(shop, "payments/stats").await;
    assert_eq!(
        (stats["total_revenue"].as_i64(), stats["total_transactions"].as_i64()),
        (Some(total), Some(count))
    );
    assert_eq!(stats["today_revenue"], since(today).0);
    let users = read(shop, "users?limit=100").await;
    let users = users.as_array().unwrap();
    let holders = users.iter().filter(|user| user["stats"]["total_products"] != 0).count();
    assert_eq!(found["users"], json!({ "total": users.len(), "with_access": holders }));
}

async fn ranking_is_exact(shop: &Shop, all: &[Known]) {
    let found = read(shop, "analytics/top-products?period=all&limit=50").await;
    let mut products: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    for row in all {
        let sums = products.entry(&row.product).or_default();
        (sums.0, sums.1) = (sums.0 + row.amount, sums.1 + 1);
    }
    let told = found["products"].as_array().unwrap();
    assert_eq!(told.len(), products.len());
    assert_eq!(found["summary"]["total_products"], products.len());
    assert!(
        told.windows(2)
            .all(|pair| pair[0]["revenue"].as_i64() >= pair[1]["revenue"].as_i64())
    );
    for row in told {
        let (revenue, count) = products[row["product_id"].as_str().unwrap()];
        assert_eq!(
            (row["revenue"].as_i64(), row["sales_count"].as_i64()),
            (Some(revenue), Some(count))
        );
    }
}

/// What is kept day by day, without days on which nothing is left.
async fn kept(app: &TestApp, tenant: Uuid) -> Vec<sales_day::Model> {
    let rows = sales_day::of(tenant, entities::Mode::Live);
    let mut rows = sea_orm::Select::all(rows, app.store().read()).await.unwrap();
    rows.retain(|row| (row.payments, row.revenue_minor, row.refunded_minor) != (0, 0, 0));
    rows.sort_by_key(|row| (row.product, row.day, row.currency.clone()));
    rows
}

#[actix_rt::test]
async fn reports_agree_with_the_payments_to_the_cent() {
    for seed in 1..=3 {
        let app = TestApp::start().await;
        let mut shop = app.shop("fondaco").await;
        let asked = json!({ "name": "busy", "dialect": "fondaco", "rate_limit_per_minute": 1000 });
        shop.api = shop.with(&shop.minted(&app, asked).await.1);
        live(&app, &shop, &mut Chance(seed), 60).await;
        let all = known(&shop).await;
        let today = app.clock.now().0.div_euclid(DAY_MS);
        dashboard_is_exact(&shop, &all, today).await;
        revenue_is_exact(&shop, &all, today).await;
        ranking_is_exact(&shop, &all).await;
        let tenant: Uuid = shop.tenant.parse().unwrap();
        let before = kept(&app, tenant).await;
        let rebuild = async move |tx: &Tx| rollup::rebuild(tx, tenant, entities::Mode::Live).await;
        app.store().command(rebuild).await.unwrap();
        assert_eq!(
            kept(&app, tenant).await,
            before,
            "seed {seed}: sums kept day by day are those of all payments"
        );
        app.finish().await;
    }
}
