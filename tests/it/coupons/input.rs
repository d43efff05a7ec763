//! What a coupon may not be.

use crate::harness::TestApp;
use serde_json::{Value, json};

fn coupon(change: Value) -> Value {
    let mut body = json!({ "code": "SPRING", "discount_type": "percentage", "discount_value": 20 });
    for (name, value) in change.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

#[actix_rt::test]
async fn each_broken_rule_is_told_with_its_field() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let many: Vec<String> = (0..501).map(|number| format!("a{number}@example.com")).collect();
    for (field, change) in [
        ("code", json!({ "code": "" })),
        ("code", json!({ "code": "AB" })),
        ("code", json!({ "code": "with space" })),
        ("code", json!({ "code": "x".repeat(51) })),
        ("code", json!({ "code": 7 })),
        ("name", json!({ "name": "n".repeat(201) })),
        ("discount_type", json!({ "discount_type": "half" })),
        ("discount_value", json!({ "discount_value": 0 })),
        ("discount_value", json!({ "discount_value": -1 })),
        ("discount_value", json!({ "discount_value": 100.5 })),
        ("discount_value", json!({ "discount_value": "20" })),
        ("discount_value", json!({ "discount_value": 1e300 })),
        (
            "discount_value",
            json!({ "discount_type": "fixed", "currency": "USD", "discount_value": 0 }),
        ),
        (
            "discount_value",
            json!({ "discount_type": "fixed", "currency": "USD", "discount_value": 1.005 }),
        ),
        (
            "discount_value",
            json!({ "discount_type": "fixed", "currency": "JPY", "discount_value": 1.5 }),
        ),
        (
            "discount_value",
            json!({ "discount_type": "fixed", "currency": "USD", "discount_value": 100_000_000 }),
        ),
        ("currency", json!({ "discount_type": "fixed" })),
        ("currency", json!({ "discount_type": "fixed", "currency": "XXX" })),
        ("is_active", json!({ "is_active": "yes" })),
        ("expires_at", json!({ "expires_at": "tomorrow" })),
        ("expires_at", json!({ "expires_at": "2026-05-19T14:23:14Z" })),
        (
            "expires_at",
            json!({ "starts_at": "2026-07-01T00:00:00Z", "expires_at": "2026-06-01T00:00:00Z" }),
        ),
        ("usage_limit_global", json!({ "usage_limit_global": 10_000_001 })),
        ("usage_limit_global", json!({ "usage_limit_global": 1.5 })),
        ("usage_limit_per_user", json!({ "usage_limit_per_user": 10_001 })),
        ("allowed_emails.0", json!({ "allowed_emails": ["nobody"] })),
        ("allowed_emails", json!({ "allowed_emails": many })),
        ("allowed_product_ids.0", json!({ "allowed_product_ids": ["x"] })),
    ] {
        let answer = shop.api.post("/api/v1/coupons", coupon(change.clone())).await;
        let error = &answer.json["error"];
        assert_eq!(
            (answer.status, error["code"].as_str()),
            (400, Some("VALIDATION_ERROR")),
            "{change}: {}",
            answer.text()
        );
        assert!(error["details"][field].is_array(), "{change}: {}", answer.text());
    }
    let page = shop.api.get("/api/v1/coupons").await.is(200);
    assert_eq!((&page["data"], &page["pagination"]["total"]), (&json!([]), &json!(0)));
    app.finish().await;
}

#[actix_rt::test]
async fn a_change_of_nothing_or_to_nonsense_is_refused() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let made = shop.api.post("/api/v1/coupons", coupon(json!({}))).await.is(201);
    let path = format!("/api/v1/coupons/{}", made["data"]["id"].as_str().unwrap());
    for body in [
        json!({}),
        json!({ "unknown": 1 }),
        json!({ "discount_value": 101 }),
        json!({ "discount_type": "fixed" }),
        json!({ "expires_at": "2026-01-01T00:00:00Z" }),
        json!({ "code": "a b" }),
    ] {
        let answer = shop.api.patch(&path, body.clone()).await;
        let code = answer.json["error"]["code"].as_str();
        assert_eq!(
            (answer.status, code),
            (400, Some("VALIDATION_ERROR")),
            "{body}: {}",
            answer.text()
        );
    }
    shop.api.get(&path).await.equals(200, made);
    let answer = shop.api.get("/api/v1/coupons/nope").await;
    assert_eq!(
        (answer.status, answer.json["error"]["code"].as_str()),
        (400, Some("INVALID_INPUT"))
    );
    let answer = shop.api.raw(reqwest::Method::POST, "/api/v1/coupons", "{").await;
    assert_eq!(
        (answer.status, answer.json["error"]["code"].as_str()),
        (400, Some("INVALID_INPUT"))
    );
    app.finish().await;
}

#[actix_rt::test]
async fn a_coupon_is_bound_to_the_shops_own_products_alone() {
    let app = TestApp::start().await;
    let (shop, other) = (app.shop("sellf").await, app.shop("sellf").await);
    let (own, foreign) = (shop.product("own").await, other.product("foreign").await);
    let body = |code: &str, ids: serde_json::Value| json!({ "code": code, "discount_type": "percentage", "discount_value": 10, "allowed_product_ids": ids });
    let unknown = "0198c0de-0000-7000-8000-000000000001";
    for wrong in [json!([foreign]), json!([own, unknown])] {
        let refused = shop.api.post("/api/v1/coupons", body("BOUND", wrong)).await.is(400);
        assert_eq!(refused["error"]["code"], "VALIDATION_ERROR");
        assert!(refused["error"]["details"]["allowed_product_ids"].is_array(), "{refused}");
    }
    let made = shop.api.post("/api/v1/coupons", body("BOUND", json!([own]))).await.is(201);
    let path = format!("/api/v1/coupons/{}", made["data"]["id"].as_str().unwrap());
    shop.api
        .patch(&path, json!({ "allowed_product_ids": [foreign] }))
        .await
        .is(400);
    // What it was bound to may be gone, and can be sent back.
    shop.api.delete(&format!("/api/v1/products/{own}")).await.is(204);
    let kept = shop.api.patch(&path, json!({ "allowed_product_ids": [own] })).await.is(200);
    assert_eq!(kept["data"]["allowed_product_ids"], json!([own]));
    let cleared = shop.api.patch(&path, json!({ "allowed_product_ids": [] })).await.is(200);
    assert_eq!(cleared["data"]["allowed_product_ids"], json!([]));
    app.finish().await;
}
