//! What the reports look like, with sales and without.

use crate::harness::{Shop, TestApp};
use serde_json::{Value, json};

async fn product(shop: &Shop, slug: &str, price: i64, currency: &str) -> String {
    let body = json!({ "name": slug, "slug": slug, "price": price, "currency": currency });
    let made = shop.api.post("/api/v1/products", body).await.is(201);
    made["data"]["id"].as_str().unwrap().to_owned()
}

async fn read(shop: &Shop, path: &str) -> Value {
    shop.api.get(&format!("/api/v1/analytics/{path}")).await.is(200)["data"].clone()
}

#[actix_rt::test]
async fn a_shop_without_sales_has_zeros_everywhere() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let days = (13..=19).map(|day| json!({ "date": format!("2026-05-{day}"), "transactions": 0, "revenue": 0 }));
    let none = json!({ "today": 0, "this_week": 0, "this_month": 0, "total": 0 });
    let mut revenue = none.clone();
    for (name, value) in [
        ("total_refunded", json!(0)),
        ("net_revenue", json!(0)),
        ("by_currency", json!({})),
    ] {
        revenue[name] = value;
    }
    let expected = json!({
        "revenue": revenue, "transactions": none, "products": { "active": 0, "total": 0 },
        "users": { "total": 0, "with_access": 0 }, "refunds": { "pending_count": 0, "total_refunded": 0 },
        "recent_activity": days.collect::<Vec<_>>(), "generated_at": "2026-05-19T14:23:14.000Z",
        "filters": { "product_id": null },
    });
    assert_eq!(read(&shop, "dashboard").await, expected);
    let revenue = read(&shop, "revenue").await;
    let summary = json!({
        "total_revenue": 0, "total_refunded": 0, "net_revenue": 0, "total_transactions": 0, "average_order_value": 0,
        "by_currency": {},
    });
    assert_eq!(revenue["summary"], summary);
    assert_eq!(revenue["breakdown"].as_array().unwrap().len(), 19);
    assert_eq!(
        revenue["breakdown"][0],
        json!({ "date": "2026-05-01", "revenue": 0, "transactions": 0, "by_currency": {} })
    );
    assert_eq!(
        revenue["comparison"],
        json!({
            "previous_period": {
                "start": "2026-04-12T00:00:00.000Z", "end": "2026-04-30T23:59:59.999Z", "revenue": 0, "transactions": 0,
            },
            "revenue_change_percent": 0.0, "transaction_change_percent": 0.0,
        })
    );
    assert_eq!(
        revenue["filters"],
        json!({
            "period": "month", "start_date": "2026-05-01T00:00:00.000Z", "end_date": "2026-05-19T23:59:59.999Z",
            "product_id": null, "group_by": "day",
        })
    );
    assert_eq!(read(&shop, "revenue?period=all").await["breakdown"], json!([]));
    assert_eq!(
        read(&shop, "top-products").await,
        json!({
            "products": [], "summary": { "total_products": 0, "total_revenue": 0, "total_sales": 0 },
            "filters": { "period": "month", "start_date": "2026-05-01T00:00:00.000Z", "limit": 10, "sort_by": "revenue" },
            "generated_at": "2026-05-19T14:23:14.000Z",
        })
    );
    app.finish().await;
}

#[actix_rt::test]
async fn products_are_ranked_with_their_shares() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let (cheap, dear) = (
        product(&shop, "cheap", 10, "USD").await,
        product(&shop, "dear", 25, "EUR").await,
    );
    for (what, email) in [(&cheap, "a"), (&cheap, "b"), (&dear, "a")] {
        shop.sale(what, &format!("{email}@example.com")).await;
    }
    let top = read(&shop, "top-products?period=day&limit=1").await;
    let expected = json!([{
        "product_id": dear, "name": "dear", "slug": "dear", "is_active": true, "current_price": 25, "current_currency": "EUR",
        "revenue": 2500, "sales_count": 1, "average_price": 2500, "by_currency": { "EUR": { "revenue": 2500, "count": 1 } },
        "rank": 1, "revenue_share": 55.56, "sales_share": 33.33,
    }]);
    assert_eq!(top["products"], expected);
    assert_eq!(
        top["summary"],
        json!({ "total_products": 2, "total_revenue": 4500, "total_sales": 3 })
    );
    let by_sales = read(&shop, "top-products?sort_by=sales&limit=500").await;
    assert_eq!(
        (&by_sales["products"][0]["slug"], &by_sales["filters"]["limit"]),
        (&json!("cheap"), &json!(50))
    );
    let dashboard = read(&shop, &format!("dashboard?product_id={cheap}")).await;
    assert_eq!(
        (&dashboard["revenue"]["today"], &dashboard["transactions"]["total"]),
        (&json!(2000), &json!(2))
    );
    assert_eq!(
        (&dashboard["users"], &dashboard["products"]["active"]),
        (&json!({ "total": 2, "with_access": 2 }), &json!(2))
    );
    app.finish().await;
}

#[actix_rt::test]
async fn what_cannot_be_asked_is_refused() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    for query in [
        "dashboard?product_id=x",
        "revenue?start_date=soon",
        "revenue?end_date=2026-13-01",
        "revenue?start_date=2026-05-02&end_date=2026-05-01",
        "revenue?start_date=1900-01-01&group_by=day",
        "revenue?group_by=hour",
        "revenue?product_id=x",
        "top-products?sort_by=price",
    ] {
        let answer = shop.api.get(&format!("/api/v1/analytics/{query}")).await;
        let code = answer.json["error"]["code"].as_str();
        assert_eq!(
            (answer.status, code),
            (400, Some("INVALID_INPUT")),
            "{query}: {}",
            answer.text()
        );
    }
    for query in [
        "revenue?period=fortnight",
        "top-products?limit=x",
        "top-products?limit=0",
        "top-products?period=odd",
    ] {
        read(&shop, query).await;
    }
    assert_eq!(read(&shop, "revenue?period=quarter").await["filters"]["group_by"], "week");
    assert_eq!(
        read(&shop, "revenue?period=year").await["breakdown"]
            .as_array()
            .unwrap()
            .len(),
        5
    );
    let key = shop.key("sellf", &["products:read"]).await;
    for path in ["dashboard", "revenue", "top-products"] {
        key.get(&format!("/api/v1/analytics/{path}")).await.is(403);
    }
    app.finish().await;
}

#[actix_rt::test]
async fn a_dialect_in_camel_case_keeps_its_currencies() {
    let app = TestApp::start().await;
    let shop = app.shop("bigclass").await;
    let native = shop.minted(&app, json!({ "name": "n", "dialect": "fondaco" })).await.1;
    let body = json!({ "name": "p", "slug": "p", "price": 500, "currency": "EUR" });
    let made = shop.with(&native).post("/api/v1/products", body).await.is(201);
    let asked = json!({ "product_id": made["data"]["id"], "email": "ann@example.com" });
    let checkout = shop.with(&native).post("/api/v1/checkout/sessions", asked).await.is(201);
    let page = format!("/sandbox/checkout/{}", checkout["data"]["id"].as_str().unwrap());
    app.anonymous().form(&page, &[("card", "4242424242424242")]).await;
    let dashboard = shop.owner.get("/api/v1/analytics/dashboard").await.is(200)["data"].clone();
    assert_eq!(dashboard["revenue"]["thisWeek"], 500);
    assert_eq!(dashboard["revenue"]["byCurrency"]["EUR"]["total"], 500);
    app.finish().await;
}
