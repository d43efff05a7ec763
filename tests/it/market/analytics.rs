//! What makers learn: four figures, every day, every product.

use crate::files::{GOOD_CARD, bought, buyer, published};
use crate::harness::TestApp;
use serde_json::{Value, json};

#[actix_rt::test]
async fn the_figures_are_those_of_the_days_that_are_asked_for() {
    let app = TestApp::start().await;
    let (shop, other) = (app.shop("openclaw").await, app.shop("openclaw").await);
    let pen = published(&shop, json!({ "title": "Pen", "price_cents": 500 })).await;
    let ink = published(&shop, json!({ "title": "Ink", "price_cents": 200 })).await;
    let get = async |what: &str| shop.api.get(&format!("/v1/creator/analytics/{what}")).await.is(200);
    let none = get("overview").await;
    assert_eq!(
        (
            &none["revenue_cents"],
            &none["sales_count"],
            &none["views"],
            &none["conversion_rate"]
        ),
        (&json!(0), &json!(0), &json!(0), &json!(0.0))
    );
    let (ann, ben) = (buyer(&app, "ann").await, buyer(&app, "ben").await);
    bought(&app, &ann, &pen).await;
    app.advance(86_400).await;
    for _ in 0..4 {
        app.anonymous().get(&format!("/v1/products/{pen}")).await.is(200);
    }
    bought(&app, &ben, &pen).await;
    let refunded = bought(&app, &ben, &ink).await;
    let all = get("overview").await;
    assert_eq!(
        (
            &all["revenue_cents"],
            &all["sales_count"],
            &all["views"],
            &all["conversion_rate"]
        ),
        (&json!(1200), &json!(3), &json!(4), &json!(0.75))
    );
    let today = get("overview?period=1d").await;
    assert_eq!((&today["revenue_cents"], &today["sales_count"]), (&json!(700), &json!(2)));
    let days = get("revenue?period=7d").await;
    let days = days["revenue"].as_array().unwrap();
    assert_eq!(
        (days.len(), &days[4]),
        (7, &json!({ "date": "2026-05-18", "revenue_cents": 0, "sales_count": 0 }))
    );
    assert_eq!(
        days[5],
        json!({ "date": "2026-05-19", "revenue_cents": 500, "sales_count": 1 })
    );
    assert_eq!(
        days[6],
        json!({ "date": "2026-05-20", "revenue_cents": 700, "sales_count": 2 })
    );
    assert_eq!(get("revenue").await["revenue"].as_array().unwrap().len(), 30);
    let one = get("revenue?from=2026-05-19&to=2026-05-19").await;
    assert_eq!(one["revenue"].as_array().unwrap().len(), 1);
    let products = get("products").await;
    let first = &products["products"][0];
    assert_eq!(
        (
            &first["slug"],
            &first["revenue_cents"],
            &first["views"],
            &first["conversion_rate"]
        ),
        (&json!("pen"), &json!(1000), &json!(4), &json!(0.5))
    );
    assert_eq!(
        shop.owner
            .post(&format!("/api/v1/payments/{refunded}/refund"), json!({}))
            .await
            .status
            / 100,
        2
    );
    app.advance(0).await;
    let since = get("overview").await;
    assert_eq!((&since["revenue_cents"], &since["sales_count"]), (&json!(1200), &json!(3)));
    for bad in [
        "overview?from=yesterday",
        "revenue?period=x",
        "products?from=2026-05-02&to=2026-05-01",
    ] {
        shop.api.get(&format!("/v1/creator/analytics/{bad}")).await.is(400);
    }
    assert_eq!(
        other.api.get("/v1/creator/analytics/overview").await.is(200)["revenue_cents"],
        0
    );
    shop.key("openclaw", &["products:read"])
        .await
        .get("/v1/creator/analytics/overview")
        .await
        .is(403);
    let list = app.anonymous().get("/v1/products?sort=popular").await.is(200);
    assert_eq!(list["products"][0]["slug"], json!(pen));
    app.finish().await;
}

#[actix_rt::test]
async fn what_goes_back_rewrites_no_day() {
    let app = TestApp::start().await;
    let shop = app.shop("openclaw").await;
    let pen = published(&shop, json!({ "title": "Pen", "price_cents": 500 })).await;
    let get = async |what: &str| shop.api.get(&format!("/v1/creator/analytics/{what}")).await.is(200);
    let (ann, ben, cid) = (buyer(&app, "ann").await, buyer(&app, "ben").await, buyer(&app, "cid").await);
    let (whole, part) = (bought(&app, &ann, &pen).await, bought(&app, &ben, &pen).await);
    let begun = cid.post("/v1/checkout/create", json!({ "product_slug": pen })).await.is(200);
    app.anonymous()
        .pay(begun["url"].as_str().unwrap(), "4000000000000259")
        .await
        .is(303);
    let told = async || (get("overview").await, get("revenue").await, get("products").await);
    app.advance(1).await;
    let before = told().await;
    assert_eq!(
        (&before.0["revenue_cents"], &before.0["sales_count"]),
        (&json!(1500), &json!(3))
    );
    app.advance(86_400).await;
    let refund = async |payment: &str, body: Value| {
        let path = format!("/api/v1/payments/{payment}/refund");
        let answer = shop.owner.post(&path, body).await;
        assert_eq!(answer.status / 100, 2, "{}", answer.text());
    };
    refund(&part, json!({ "amount": 200 })).await;
    refund(&whole, json!({})).await;
    app.advance(0).await;
    let after = told().await;
    assert_eq!((&after.0, &after.2), (&before.0, &before.2));
    let days = |told: &Value| -> Vec<Value> { told["revenue"].as_array().unwrap().clone() };
    assert_eq!(
        days(&after.1)[28],
        json!({ "date": "2026-05-19", "revenue_cents": 1500, "sales_count": 3 })
    );
    assert_eq!(days(&after.1)[28], days(&before.1)[29]);
    app.finish().await;
}

#[actix_rt::test]
async fn days_add_up_to_the_overview_in_every_currency() {
    let app = TestApp::start().await;
    let shop = app.shop("openclaw").await;
    let pen = published(&shop, json!({ "title": "Pen", "price_cents": 500 })).await;
    let ink = published(&shop, json!({ "title": "Ink", "price_cents": 300, "currency": "EUR" })).await;
    let (ann, ben) = (buyer(&app, "ann").await, buyer(&app, "ben").await);
    bought(&app, &ann, &pen).await;
    bought(&app, &ben, &pen).await;
    bought(&app, &ann, &ink).await;
    let get = async |what: &str| shop.api.get(&format!("/v1/creator/analytics/{what}")).await.is(200);
    let (all, days) = (get("overview").await, get("revenue?period=2d").await);
    let each = json!([
        { "currency": "USD", "revenue_cents": 1000, "sales_count": 2 },
        { "currency": "EUR", "revenue_cents": 300, "sales_count": 1 },
    ]);
    assert_eq!((&all["revenue_cents"], &all["currencies"]), (&json!(1000), &each));
    assert_eq!(days["revenue"][0]["currencies"], json!([]));
    let day = &days["revenue"][1];
    assert_eq!(
        (&day["revenue_cents"], &day["sales_count"], &day["currencies"]),
        (&json!(1000), &json!(3), &each)
    );
    app.finish().await;
}

#[actix_rt::test]
async fn publishing_and_changing_are_told() {
    let app = TestApp::start().await;
    let shop = app.shop("openclaw").await;
    let sink = app.sink().await;
    shop.endpoint(
        sink.url(),
        &[
            "product.published",
            "product.updated",
            "purchase.completed",
            "purchase.refunded",
        ],
    )
    .await;
    let slug = published(&shop, json!({ "title": "Pen", "price_cents": 500 })).await;
    let path = format!("/v1/creator/products/{slug}");
    shop.api
        .patch(&path, json!({ "title": "Better pen", "price_cents": 600 }))
        .await
        .is(200);
    let ann = buyer(&app, "ann").await;
    let begun = ann.post("/v1/checkout/create", json!({ "product_slug": slug })).await.is(200);
    app.anonymous().pay(begun["url"].as_str().unwrap(), GOOD_CARD).await.is(303);
    app.deliver_due().await;
    let told: Vec<Value> = sink.requests().iter().map(|request| request.json()["type"].clone()).collect();
    for name in ["product.published", "product.updated", "purchase.completed"] {
        assert!(told.contains(&json!(name)), "{name} in {told:?}");
    }
    app.finish().await;
}
