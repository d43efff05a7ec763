//! Coupons at the till.

use crate::harness::{Shop, TestApp};
use serde_json::{Value, json};

const GOOD: &[(&str, &str)] = &[("card", "4242424242424242")];

async fn coupon(shop: &Shop, more: Value) -> String {
    let mut body = json!({ "code": "SPRING", "discount_type": "percentage", "discount_value": 20 });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let made = shop.api.post("/api/v1/coupons", body).await.is(201);
    made["data"]["id"].as_str().unwrap().to_owned()
}

fn asked(product: &str, email: &str) -> Value {
    json!({ "product_id": product, "email": email, "coupon_code": "spring" })
}

async fn used(shop: &Shop, id: &str) -> i64 {
    let read = shop.api.get(&format!("/api/v1/coupons/{id}")).await.is(200);
    read["data"]["current_usage_count"].as_i64().unwrap()
}

#[actix_rt::test]
async fn a_buyer_pays_less_and_the_use_is_taken_with_the_payment() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let product = shop.product("brushes").await;
    let id = coupon(&shop, json!({})).await;
    let (checkout, page) = shop.checkout(asked(&product, "ann@example.com")).await;
    assert_eq!(used(&shop, &id).await, 0);
    assert_eq!(app.anonymous().form(&page, &[("card", "4000000000000002")]).await.status, 402);
    assert_eq!(used(&shop, &id).await, 0);
    assert_eq!(app.anonymous().form(&page, GOOD).await.status, 303);
    assert_eq!(app.anonymous().form(&page, GOOD).await.status, 303);
    assert_eq!(used(&shop, &id).await, 1);
    let payment = shop.payment_of(&checkout).await;
    let read = shop.api.get(&format!("/api/v1/payments/{payment}")).await.is(200);
    let data = &read["data"];
    assert_eq!(
        (&data["amount"], &data["discount_amount"], &data["coupon_id"]),
        (&json!(1520), &json!(380), &json!(id))
    );
    let stats = shop.api.get(&format!("/api/v1/coupons/{id}/stats")).await.is(200);
    assert_eq!(stats["data"]["summary"]["total_discount_amount"], 380);
    assert_eq!(stats["data"]["recent_redemptions"][0]["transaction_id"], json!(payment));
    let again = shop
        .api
        .post("/api/v1/checkout/sessions", asked(&product, "Ann@Example.com"))
        .await;
    assert_eq!(again.status, 400, "{}", again.text());
    assert!(again.json["error"]["details"]["coupon_code"].is_array());
    app.finish().await;
}

#[actix_rt::test]
async fn a_session_nobody_pays_keeps_no_use_from_others_nor_from_himself() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let product = shop.product("brushes").await;
    let id = coupon(&shop, json!({ "usage_limit_global": 1 })).await;
    let mut pages = Vec::new();
    for email in ["ann@example.com", "ann@example.com", "ben@example.com"] {
        pages.push(shop.checkout(asked(&product, email)).await.1);
    }
    assert_eq!(app.anonymous().form(&pages[2], GOOD).await.status, 303);
    for page in &pages[..2] {
        let late = app.anonymous().form(page, GOOD).await;
        assert_eq!(late.status, 402, "{}", late.text());
        assert!(late.text().contains("coupon"), "{}", late.text());
    }
    assert_eq!(used(&shop, &id).await, 1);
    let payments = shop.api.get("/api/v1/payments").await.is(200);
    assert_eq!(payments["data"].as_array().unwrap().len(), 1);
    let refused = shop
        .api
        .post("/api/v1/checkout/sessions", asked(&product, "cat@example.com"))
        .await;
    assert_eq!(refused.status, 400);
    app.finish().await;
}

#[actix_rt::test]
async fn every_use_sells_once_however_many_pay_at_once() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let product = shop.product("brushes").await;
    let id = coupon(&shop, json!({ "usage_limit_global": 5 })).await;
    let emails: Vec<String> = (0..14).map(|number| format!("b{number}@example.com")).collect();
    let buys = emails.iter().map(async |email| {
        let page = shop.checkout(asked(&product, email)).await.1;
        app.anonymous().form(&page, GOOD).await.status
    });
    let mut told = futures_util::future::join_all(buys).await;
    told.sort_unstable();
    assert_eq!(told, [vec![303; 5], vec![402; 9]].concat());
    assert_eq!(used(&shop, &id).await, 5);
    let stats = shop.api.get("/api/v1/payments/stats").await.is(200);
    assert_eq!(
        (&stats["data"]["total_transactions"], &stats["data"]["total_revenue"]),
        (&json!(5), &json!(5 * 1520))
    );
    app.finish().await;
}

#[actix_rt::test]
async fn a_coupon_that_does_not_fit_is_refused_at_the_beginning() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let (product, other) = (shop.product("brushes").await, shop.product("pens").await);
    for (code, more) in [
        ("OFF", json!({ "is_active": false })),
        ("LATER", json!({ "starts_at": "2026-06-01T00:00:00Z" })),
        ("OVER", json!({ "expires_at": "2026-05-19T14:23:20Z" })),
        ("OTHERS", json!({ "allowed_emails": ["ben@example.com"] })),
        ("PENS", json!({ "allowed_product_ids": [other] })),
        (
            "EURO",
            json!({ "discount_type": "fixed", "discount_value": 500, "currency": "EUR" }),
        ),
    ] {
        let mut more = more;
        more["code"] = json!(code);
        coupon(&shop, more).await;
    }
    app.advance(10).await;
    for code in ["OFF", "LATER", "OVER", "OTHERS", "PENS", "EURO", "NEVER"] {
        let body = json!({ "product_id": product, "email": "ann@example.com", "coupon_code": code });
        let answer = shop.api.post("/api/v1/checkout/sessions", body).await;
        assert_eq!(answer.status, 400, "{code}: {}", answer.text());
        assert!(
            answer.json["error"]["details"]["coupon_code"].is_array(),
            "{code}: {}",
            answer.text()
        );
    }
    app.finish().await;
}

#[actix_rt::test]
async fn what_a_coupon_makes_free_is_given_at_once() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let product = shop.product("brushes").await;
    let id = coupon(
        &shop,
        json!({ "discount_type": "fixed", "discount_value": 5000, "currency": "USD", "usage_limit_global": 1 }),
    )
    .await;
    let made = shop
        .api
        .post("/api/v1/checkout/sessions", asked(&product, "ann@example.com"))
        .await
        .is(201);
    assert_eq!(
        (&made["data"]["status"], &made["data"]["url"]),
        (&json!("complete"), &json!(null))
    );
    assert_eq!(used(&shop, &id).await, 1);
    let stats = shop.api.get(&format!("/api/v1/coupons/{id}/stats")).await.is(200);
    assert_eq!(stats["data"]["summary"]["total_discount_amount"], 1900);
    let refused = shop
        .api
        .post("/api/v1/checkout/sessions", asked(&product, "ben@example.com"))
        .await;
    assert_eq!(refused.status, 400);
    app.finish().await;
}
