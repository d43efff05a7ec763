//! Bad input is told clearly and leaves nothing behind.

use crate::harness::TestApp;
use reqwest::Method;
use serde_json::json;

#[actix_rt::test]
async fn what_cannot_be_read_is_refused_in_the_envelope() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let broken = shop.api.raw(Method::POST, "/api/v1/products", "{\"name\": ").await;
    assert_eq!(broken.json["error"]["code"], "INVALID_INPUT", "{}", broken.text());
    assert_eq!(broken.status, 400);
    let large = shop
        .api
        .raw(Method::POST, "/api/v1/products", vec![b' '; (1 << 20) + 1])
        .await;
    assert!(large.json["error"]["code"].is_string(), "{}", large.text());
    assert_eq!(large.status, 413);
    shop.api.get("/api/v1/nowhere").await.is(404);
    shop.api.delete("/api/v1/products").await.is(405);
    let page = shop.api.get("/api/v1/products").await.is(200);
    assert_eq!(page["data"], json!([]));
    app.finish().await;
}

#[actix_rt::test]
async fn every_answer_has_a_request_id_of_its_own() {
    let app = TestApp::start().await;
    let mut seen = Vec::new();
    for path in ["/healthz", "/api/v1/products", "/nowhere"] {
        seen.push(app.anonymous().get(path).await.header("x-request-id").to_owned());
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 3, "{seen:?}");
    assert!(!seen.contains(&String::new()), "{seen:?}");
    app.finish().await;
}

#[actix_rt::test]
async fn a_key_that_may_only_read_changes_nothing() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let reader = shop.key("fondaco", &["products:read"]).await;
    let product = format!("/api/v1/products/{}", shop.product("brushes").await);
    reader.patch(&product, json!({ "name": "Mine" })).await.is(403);
    reader.delete(&product).await.is(403);
    let read = reader.get(&product).await.is(200);
    assert_eq!(read["data"]["name"], "Nebula brushes");
    shop.api.delete(&product).await.is(204);
    reader.get(&product).await.is(404);
    app.finish().await;
}

#[actix_rt::test]
async fn another_tenants_product_is_not_found() {
    let app = TestApp::start().await;
    let (mine, other) = (app.shop("fondaco").await, app.shop("fondaco").await);
    assert_ne!(mine.slug, other.slug);
    let product = format!("/api/v1/products/{}", mine.product("brushes").await);
    other.api.get(&product).await.is(404);
    other.owner.get(&product).await.is(404);
    app.finish().await;
}
