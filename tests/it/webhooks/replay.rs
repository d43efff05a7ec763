//! Starting over many deliveries of one endpoint.

use super::{act, endpoint_id};
use crate::harness::TestApp;
use serde_json::json;

#[actix_rt::test]
async fn a_span_of_failures_starts_over_after_a_dry_run() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let sink = app.sink().await;
    sink.answers([500, 500, 500]);
    shop.endpoint(sink.url(), &["product.created"]).await;
    let path = format!("/api/v1/webhooks/{}/replay", endpoint_id(&shop.api).await);
    for number in 0..3 {
        shop.product(&format!("p{number}")).await;
        app.deliver_due().await;
        app.advance(10).await;
    }
    let waiting = shop.api.get("/api/v1/webhooks/logs?status=pending_retry").await.is(200);
    for log in waiting["data"].as_array().unwrap() {
        act(&shop.api, log, "cancel").await.is(200);
    }
    let late = json!({"from": "2026-05-19T14:23:20Z", "to": "2026-05-19T14:23:30Z", "dry_run": true});
    assert_eq!(
        shop.api.post(&path, late).await.is(200)["data"],
        json!({"count": 1, "dry_run": true})
    );
    let all = json!({"from": "2026-05-19T00:00:00Z"});
    let dry = json!({"from": "2026-05-19T00:00:00Z", "dry_run": true});
    assert_eq!(shop.api.post(&path, dry).await.is(200)["data"]["count"], 3);
    assert_eq!(sink.requests().len(), 3);
    assert_eq!(shop.api.post(&path, all.clone()).await.is(200)["data"]["count"], 3);
    app.deliver_due().await;
    assert_eq!(sink.requests().len(), 6);
    assert_eq!(shop.api.post(&path, all).await.is(200)["data"]["count"], 0);
    app.finish().await;
}

#[actix_rt::test]
async fn nothing_starts_over_at_an_endpoint_that_is_off() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    shop.endpoint("https://hooks.example.com/a", &["product.created"]).await;
    let path = format!("/api/v1/webhooks/{}", endpoint_id(&shop.api).await);
    shop.api.patch(&path, json!({"is_active": false})).await.is(200);
    shop.product("held").await;
    app.deliver_due().await;
    let span = |dry: bool| json!({"from": "2026-05-19T00:00:00Z", "dry_run": dry});
    assert_eq!(
        shop.api.post(&format!("{path}/replay"), span(true)).await.is(200)["data"]["count"],
        1
    );
    shop.api.post(&format!("{path}/replay"), span(false)).await.is(409);
    shop.api.post(&format!("{path}/replay"), json!({})).await.is(400);
    let backwards = json!({"from": "2026-05-19T00:00:00Z", "to": "2026-05-18T00:00:00Z"});
    shop.api.post(&format!("{path}/replay"), backwards).await.is(400);
    app.finish().await;
}
