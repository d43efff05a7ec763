//! Where a webhook may go.

use crate::dialects::contract::{Refusal, is_refused};
use crate::harness::TestApp;
use serde_json::json;

#[actix_rt::test]
async fn private_and_odd_targets_are_refused_unless_the_operator_allows_them() {
    let app = TestApp::with(&[("webhooks_allow_networks", ""), ("webhooks_allow_http", "false")]).await;
    let shop = app.shop("fondaco").await;
    for url in [
        "https://127.0.0.1/hook",
        "https://localhost/hook",
        "https://[::1]/hook",
        "https://10.0.0.1/hook",
        "https://192.168.1.1/hook",
        "https://169.254.169.254/latest/meta-data",
        "https://0x7f000001/hook",
        "https://2130706433/hook",
        "https://[::ffff:127.0.0.1]/hook",
        "https://user:secret@hooks.example/",
        "http://hooks.example/",
        "ftp://hooks.example/",
        "file:///etc/passwd",
        "https://hooks.example:22/",
        "nowhere",
        "",
    ] {
        let answer = shop
            .owner
            .post("/api/v1/webhooks", json!({ "url": url, "events": ["*"] }))
            .await;
        is_refused(&answer, "fondaco", Refusal::Field, url);
        assert!(answer.json["error"]["details"]["url"].is_array(), "{url}: {}", answer.text());
    }
    let page = shop.owner.get("/api/v1/webhooks").await.is(200);
    assert_eq!(page["data"], json!([]));
    app.finish().await;
}

#[actix_rt::test]
async fn an_endpoint_cannot_be_moved_to_a_forbidden_target() {
    let app = TestApp::with(&[("webhooks_allow_networks", "")]).await;
    let shop = app.shop("fondaco").await;
    let made = shop
        .owner
        .post(
            "/api/v1/webhooks",
            json!({ "url": "https://hooks.example/", "events": ["*"] }),
        )
        .await
        .is(201);
    let path = format!("/api/v1/webhooks/{}", made["data"]["id"].as_str().unwrap());
    shop.owner.patch(&path, json!({ "url": "https://10.1.2.3/" })).await.is(400);
    let read = shop.owner.get(&path).await.is(200);
    assert_eq!(read["data"]["url"], "https://hooks.example/");
    app.finish().await;
}

#[actix_rt::test]
async fn a_network_that_nobody_allowed_is_not_dialled() {
    let app = TestApp::with(&[("webhooks_allow_networks", "10.0.0.0/8")]).await;
    let shop = app.shop("fondaco").await;
    let sink = app.sink().await;
    let refused = shop
        .owner
        .post("/api/v1/webhooks", json!({ "url": sink.url(), "events": ["*"] }))
        .await;
    assert_eq!(refused.status, 400, "{}", refused.text());
    assert!(sink.requests().is_empty());
    app.finish().await;
}

#[actix_rt::test]
async fn a_secret_is_shown_to_those_alone_who_may_write_webhooks() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let secret = shop.endpoint("https://hooks.example/", &["product.created"]).await;
    let reader = shop.key("sellf", &["webhooks:read"]).await.get("/api/v1/webhooks").await;
    assert!(reader.status == 200 && !reader.text().contains(&secret), "{}", reader.text());
    let writer = shop.key("sellf", &["webhooks:write"]).await.get("/api/v1/webhooks").await;
    assert!(writer.status == 200 && writer.text().contains(&secret), "{}", writer.text());
    app.finish().await;
}

#[actix_rt::test]
async fn an_event_nobody_emits_cannot_be_subscribed_to() {
    let app = TestApp::start().await;
    for dialect in ["fondaco", "sellf", "licentric", "bigclass"] {
        let shop = app.shop(dialect).await;
        let asked = json!({ "url": "https://hooks.example/", "events": ["product.exploded"] });
        let answer = shop.owner.post("/api/v1/webhooks", asked).await;
        assert!(matches!(answer.status, 400 | 422), "{dialect}: {}", answer.text());
        assert!(answer.text().contains("product.exploded"), "{dialect}: {}", answer.text());
    }
    app.finish().await;
}
