//! What a product may not be: told clearly, stored nowhere.

use crate::dialects::contract::{Refusal, is_refused};
use crate::harness::{Shop, TestApp};
use serde_json::{Value, json};

fn product(change: Value) -> Value {
    let mut body = json!({ "name": "Nebula brushes", "slug": "brushes", "price": 1900 });
    for (name, value) in change.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

async fn has_nothing(shop: &Shop) {
    let page = shop.owner.get("/api/v1/products").await.is(200);
    assert_eq!((&page["data"], &page["pagination"]["total"]), (&json!([]), &json!(0)));
}

#[actix_rt::test]
async fn a_wrong_type_is_named_with_its_field() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    for (field, value) in [
        ("name", json!(7)),
        ("name", json!(["Brushes"])),
        ("name", json!(null)),
        ("slug", json!({})),
        ("price", json!("19")),
        ("price", json!(true)),
        ("currency", json!(978)),
        ("is_active", json!("yes")),
        ("metadata", json!("{}")),
        ("features", json!({ "title": "x" })),
    ] {
        let answer = shop.owner.post("/api/v1/products", product(json!({ field: value }))).await;
        is_refused(&answer, "fondaco", Refusal::Field, field);
        assert!(
            answer.json["error"]["details"][field].is_array(),
            "{field}: {}",
            answer.text()
        );
    }
    has_nothing(&shop).await;
    app.finish().await;
}

#[actix_rt::test]
async fn numbers_beyond_reason_are_refused() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    for price in [
        "-1",
        "0.5",
        "1e300",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775809",
        "100000000",
        "1e-400",
    ] {
        let body = format!("{{\"name\": \"N\", \"slug\": \"n\", \"price\": {price}}}");
        let answer = shop.owner.raw(reqwest::Method::POST, "/api/v1/products", body).await;
        match price {
            // Rounds to zero, which is a price.
            "1e-400" => assert!(matches!(answer.status, 201 | 400), "{}", answer.text()),
            _ => is_refused(&answer, "fondaco", Refusal::Field, price),
        }
    }
    app.finish().await;
}

#[actix_rt::test]
async fn a_nul_in_any_text_is_refused_by_every_database() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    for change in [
        json!({ "name": "a\0b" }),
        json!({ "description": "\0" }),
        json!({ "metadata": { "deep": ["\0"] } }),
        json!({ "metadata": { "a\0": 1 } }),
        json!({ "icon": "\0" }),
    ] {
        let answer = shop.owner.post("/api/v1/products", product(change.clone())).await;
        is_refused(&answer, "fondaco", Refusal::Malformed, &change.to_string());
    }
    let answer = shop.owner.get("/api/v1/products?search=%00").await;
    is_refused(&answer, "fondaco", Refusal::Malformed, "search");
    app.anonymous().get("/v1/products/a%00b").await.is(404);
    app.anonymous().get("/sandbox/receiver/%00").await.is(404);
    has_nothing(&shop).await;
    app.finish().await;
}

#[actix_rt::test]
async fn texts_come_back_as_they_went_in() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let name = "Ñandú 🖌️ \u{202e}x\u{1}\u{7f} \"quoted\" \\ <script> ' -- %_";
    let metadata = json!({ "\u{1f58c}": [null, true, 1.5, -3, "x\u{fffd}y", { "": "" }], "camelCase": 1, "snake_case": 2 });
    let body = product(json!({ "name": name, "metadata": metadata }));
    let made = shop.owner.post("/api/v1/products", body).await.is(201);
    let read = shop
        .owner
        .get(&format!("/api/v1/products/{}", made["data"]["id"].as_str().unwrap()))
        .await
        .is(200);
    assert_eq!((&read["data"]["name"], &read["data"]["metadata"]), (&json!(name), &metadata));
    let found = shop.owner.get("/api/v1/products?search=%25_").await.is(200);
    assert_eq!(found["pagination"]["total"], 1);
    let found = shop.owner.get("/api/v1/products?search=%25x_").await.is(200);
    assert_eq!(found["pagination"]["total"], 0);
    app.finish().await;
}

#[actix_rt::test]
async fn a_body_as_deep_as_allowed_is_stored_delivered_and_replayed() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let sink = app.sink().await;
    shop.endpoint(sink.url(), &["product.created"]).await;
    let nested = |levels: usize| (0..levels).fold(json!(1), |inner, _| json!([inner]));
    let sender = shop.owner.header("Idempotency-Key", "deep");
    let body = product(json!({ "metadata": { "deep": nested(60) } }));
    let first = sender.post("/api/v1/products", body.clone()).await.is(201);
    sender.post("/api/v1/products", body).await.equals(201, first.clone());
    app.deliver_due().await;
    assert_eq!(sink.only().json()["data"]["metadata"], first["data"]["metadata"]);
    let answer = shop
        .owner
        .post("/api/v1/products", product(json!({ "metadata": { "deep": nested(70) } })))
        .await;
    is_refused(&answer, "fondaco", Refusal::Malformed, "70 levels");
    app.finish().await;
}

#[actix_rt::test]
async fn a_path_id_that_is_none_is_told_as_the_contract_says() {
    let app = TestApp::start().await;
    for (dialect, refusal) in [
        ("fondaco", Refusal::Malformed),
        ("sellf", Refusal::Malformed),
        ("licentric", Refusal::Malformed),
    ] {
        let shop = app.shop(dialect).await;
        for id in ["nope", "123", "%F0%9F%96%8C", "00000000-0000-7000-8000-00000000000"] {
            let answer = shop.api.get(&format!("/api/v1/products/{id}")).await;
            is_refused(&answer, dialect, refusal, id);
        }
        let answer = shop.api.get("/api/v1/products/00000000-0000-7000-8000-000000000000").await;
        is_refused(&answer, dialect, Refusal::NotFound, "unknown");
    }
    let shop = app.shop("bigclass").await;
    let answer = shop.owner.get("/api/v1/products/nope").await;
    is_refused(&answer, "bigclass", Refusal::NotFound, "its contract has no 400");
    app.finish().await;
}
