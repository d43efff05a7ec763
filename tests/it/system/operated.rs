//! What an operator looks at.

use crate::harness::TestApp;
use serde_json::json;

#[actix_rt::test]
async fn it_is_alive_and_ready() {
    let app = TestApp::start().await;
    app.anonymous().get("/healthz").await.equals(200, json!({ "status": "ok" }));
    let ready = json!({ "status": "ok", "checks": { "database": "ok", "actors": "ok" } });
    app.anonymous().get("/readyz").await.equals(200, ready);
    app.finish().await;
}

#[actix_rt::test]
async fn every_promised_series_is_there_from_the_start() {
    let app = TestApp::start().await;
    let text = app.anonymous().get("/metrics").await.text();
    for name in [
        "http_requests_total",
        "http_request_duration_seconds_count",
        "rate_limited_total",
        "webhook_deliveries_total",
        "webhook_delivery_lag_seconds_count",
        "webhook_pending",
        "actor_restarts_total",
        "mailbox_full_total",
        "tenants_active",
        "sandbox_clock_offset_seconds",
    ] {
        let is_there = |line: &str| {
            line.strip_prefix(&format!("fondaco_{name}"))
                .is_some_and(|rest| rest.starts_with([' ', '{']))
        };
        assert!(text.lines().any(is_there), "{name} is missing in\n{text}");
    }
    app.finish().await;
}

#[actix_rt::test]
async fn no_label_carries_an_id() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let id = shop.product("brushes").await;
    shop.api.get(&format!("/api/v1/products/{id}")).await.is(200);
    let text = app.anonymous().get("/metrics").await.text();
    for secret in [&id, &shop.tenant, &shop.slug, &shop.key] {
        assert!(!text.contains(secret.as_str()), "{secret}");
    }
    app.finish().await;
}

#[actix_rt::test]
async fn every_answer_is_safe_to_show_and_not_to_keep() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    for answer in [
        shop.api.get("/api/v1/products").await,
        shop.api.get("/api/v1/nowhere").await,
        shop.api.delete("/api/v1/products").await,
        app.anonymous().get("/api/v1/products").await,
    ] {
        assert_eq!(answer.header("cache-control"), "no-store, no-cache, must-revalidate");
        assert_eq!(answer.header("pragma"), "no-cache");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("x-frame-options"), "DENY");
        assert_eq!(answer.header("referrer-policy"), "strict-origin-when-cross-origin");
    }
    app.finish().await;
}

#[actix_rt::test]
async fn the_clock_moves_only_where_it_may() {
    let app = TestApp::start().await;
    let read = app.operator().get("/operator/v1/clock").await.is(200);
    assert_eq!(read["data"]["now"], "2026-05-19T14:23:14.000Z");
    app.anonymous().get("/operator/v1/clock").await.is(401);
    for seconds in [json!(-1), json!("60"), json!(1.5), json!(1e18), json!(null)] {
        app.operator()
            .post("/operator/v1/clock", json!({ "advance_seconds": seconds }))
            .await
            .is(400);
    }
    app.advance(86_400).await;
    let read = app.operator().get("/operator/v1/clock").await.is(200);
    assert_eq!(read["data"]["now"], "2026-05-20T14:23:14.000Z");
    assert_eq!(app.metric("fondaco_sandbox_clock_offset_seconds").await, 86_400.0);
    app.finish().await;
    let real = TestApp::with(&[("sandbox_clock", "false")]).await;
    real.operator().get("/operator/v1/clock").await.is(404);
    real.finish().await;
}

#[actix_rt::test]
async fn an_options_request_needs_no_credential() {
    let app = TestApp::start().await;
    for path in ["/api/v1/products", "/v1/creator/products", "/createApiKey", "/api/auth/login"] {
        let answer = app.anonymous().call("OPTIONS", path, None).await;
        assert!(
            matches!(answer.status, 200 | 204) && answer.body.is_empty(),
            "{path}: {}",
            answer.text()
        );
        assert!(answer.header("allow").contains("POST"), "{path}");
    }
    app.finish().await;
}

#[actix_rt::test]
async fn head_answers_like_get_without_a_body() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let answer = shop.api.call("HEAD", "/api/v1/products", None).await;
    assert_eq!((answer.status, answer.body.len()), (200, 0));
    assert_eq!(app.anonymous().call("HEAD", "/api/v1/products", None).await.status, 401);
    app.finish().await;
}
