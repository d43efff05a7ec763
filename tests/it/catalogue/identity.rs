//! What a product is beside its fields: whose slug it has, who may speak of it, and what comes back of it.

use super::{faulty, id, product};
use crate::harness::TestApp;
use serde_json::{Value, json};

#[actix_rt::test]
async fn a_slug_belongs_to_one_product_of_a_shop() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    product(&shop, "one", json!({})).await;
    let two = product(&shop, "two", json!({})).await;
    for answer in [
        shop.api
            .post("/api/v1/products", json!({ "name": "n", "slug": "ONE", "price": 1 }))
            .await,
        shop.api
            .patch(&format!("/api/v1/products/{}", id(&two)), json!({ "slug": "one" }))
            .await,
    ] {
        assert_eq!(answer.is(409)["error"]["code"], "ALREADY_EXISTS");
    }
    product(&app.shop("sellf").await, "one", json!({})).await;
    app.finish().await;
}

#[actix_rt::test]
async fn a_key_of_another_dialect_is_judged_by_its_own_scopes() {
    let app = TestApp::start().await;
    let shop = app.shop("openclaw").await;
    let asked = |dialect: &str, scopes: Value| json!({ "name": "k", "dialect": dialect, "scopes": scopes });
    for (dialect, scopes, status) in [
        ("sellf", json!(["*"]), 201),
        ("sellf", json!(["coupons:read"]), 201),
        ("sellf", json!(["reviews:read"]), 400),
        ("openclaw", json!(["products:read"]), 201),
        ("openclaw", json!(["coupons:burn"]), 400),
        ("openclaw", json!([]), 400),
    ] {
        let answer = shop.owner.post("/api/v1/api-keys", asked(dialect, scopes.clone())).await;
        let told = answer.text();
        assert_eq!(answer.status, status, "{dialect} {scopes}: {told}");
    }
    app.finish().await;
}

#[actix_rt::test]
async fn what_somebody_has_is_not_destroyed() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let free = id(&product(&shop, "free", json!({ "price": 0 })).await);
    let body = json!({ "product_id": free, "email": "ann@b.example" });
    shop.api.post("/api/v1/checkout/sessions", body).await.is(201);
    let path = format!("/api/v1/products/{free}");
    assert_eq!(shop.api.delete(&path).await.is(409)["error"]["code"], "CONFLICT");
    let change = json!({ "product_type": "subscription", "recurring_price": 5, "billing_interval": "month" });
    assert_eq!(
        faulty(shop.api.patch(&path, change).await, "VALIDATION_ERROR"),
        ["product_type"]
    );
    shop.api.patch(&path, json!({ "is_active": false })).await.is(200);
    app.finish().await;
}

#[actix_rt::test]
async fn what_was_read_may_be_sent_back_as_it_is() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    for (slug, more) in [
        ("paid", json!({ "sale_price": 5, "icon": null })),
        ("free", json!({ "price": 0 })),
        ("named", json!({ "price": 0, "allow_custom_price": true })),
        (
            "club",
            json!({ "product_type": "subscription", "recurring_price": 5, "billing_interval": "month" }),
        ),
    ] {
        let made = product(&shop, slug, more).await;
        let path = format!("/api/v1/products/{}", id(&made));
        let same = shop.api.patch(&path, made.clone()).await.is(200);
        assert_eq!(same["data"], made, "{slug}");
        let mut copy = made.clone();
        copy["slug"] = json!(format!("{slug}-copy"));
        let copied = shop.api.post("/api/v1/products", copy).await.is(201);
        for (name, value) in made.as_object().unwrap() {
            if !["id", "slug", "created_at", "updated_at"].contains(&name.as_str()) {
                assert_eq!(&copied["data"][name], value, "{slug}: {name}");
            }
        }
    }
    app.finish().await;
}

#[actix_rt::test]
async fn no_icon_is_none_and_an_unsaid_one_is_the_box() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let none = product(&shop, "none", json!({ "icon": null })).await;
    let unsaid = product(&shop, "unsaid", json!({})).await;
    assert_eq!((&none["icon"], &unsaid["icon"]), (&Value::Null, &json!("📦")));
    let listed = shop.api.get("/api/v1/products?sort_by=name&sort_order=asc").await.is(200);
    assert_eq!(listed["data"][0]["icon"], Value::Null);
    app.finish().await;
}

#[actix_rt::test]
async fn a_mark_before_the_text_and_a_size_nobody_can_count_are_no_faults() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let body = "\u{feff}{\"name\":\"Marked\",\"slug\":\"marked\",\"price\":1}".to_owned();
    let made = shop.api.call_text("POST", "/api/v1/products", body).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let long = shop
        .api
        .get("/api/v1/products?limit=99999999999999999999999999")
        .await
        .is(200);
    assert_eq!(long["pagination"]["limit"], 100);
    app.finish().await;
}
