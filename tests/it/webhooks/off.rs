//! Endpoints that are off, and what is only tried out.

use super::{act, endpoint_id, newest};
use crate::harness::TestApp;
use serde_json::{Value, json};

#[actix_rt::test]
async fn an_endpoint_that_was_never_on_takes_no_part() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let sink = app.sink().await;
    let asked = json!({ "url": sink.url(), "events": ["product.created"], "is_active": false });
    shop.api.post("/api/v1/webhooks", asked).await.is(201);
    shop.product("one").await;
    app.deliver_due().await;
    let logs = shop.api.get("/api/v1/webhooks/logs").await.is(200);
    assert_eq!(logs["data"], json!([]));
    assert!(sink.requests().is_empty());
    app.finish().await;
}

#[actix_rt::test]
async fn what_an_endpoint_missed_while_it_was_off_can_be_sent_once_it_is_on() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let sink = app.sink().await;
    shop.endpoint(sink.url(), &["product.created"]).await;
    let path = format!("/api/v1/webhooks/{}", endpoint_id(&shop.api).await);
    shop.api.patch(&path, json!({ "is_active": false })).await.is(200);
    for slug in ["one", "two"] {
        shop.product(slug).await;
        app.deliver_due().await;
        app.advance(1).await;
    }
    assert!(sink.requests().is_empty());
    let logs = shop.api.get("/api/v1/webhooks/logs?status=permanently_failed").await.is(200);
    let logs = logs["data"].as_array().unwrap();
    assert_eq!(logs.len(), 2, "{logs:?}");
    for log in logs {
        assert_eq!(
            (&log["status"], &log["attempt_count"]),
            (&json!("permanently_failed"), &json!(0))
        );
        assert!(
            log["failed_permanently_at"].is_string() && log["next_retry_at"].is_null(),
            "{log}"
        );
    }
    assert_eq!(act(&shop.api, &logs[0], "replay").await.is(409)["error"]["code"], "CONFLICT");
    shop.api.patch(&path, json!({ "is_active": true })).await.is(200);
    app.deliver_due().await;
    assert!(sink.requests().is_empty(), "nobody asked for them yet");
    let told = act(&shop.api, &logs[0], "replay").await.is(200);
    assert_eq!(told["data"], json!({ "status": "enqueued" }));
    app.deliver_due().await;
    assert_eq!(sink.only().json()["data"]["product"]["slug"], "two");
    let told = act(&shop.api, &logs[1], "retry").await.is(200);
    assert_eq!(told["data"]["success"], true);
    app.finish().await;
}

#[actix_rt::test]
async fn a_sample_leaves_its_endpoint_alone_whatever_comes_back() {
    let app = TestApp::start().await;
    for dialect in ["sellf", "fondaco"] {
        let shop = app.shop(dialect).await;
        let sink = app.sink().await;
        sink.answers([410, 200]);
        shop.endpoint(sink.url(), &["product.created"]).await;
        let path = format!("/api/v1/webhooks/{}", endpoint_id(&shop.api).await);
        let before = shop.api.get(&path).await.is(200)["data"].clone();
        let told = shop.api.post(&format!("{path}/test"), json!({})).await.is(200);
        assert_eq!(
            (&told["data"]["success"], &told["data"]["http_status"]),
            (&json!(false), &json!(410))
        );
        assert_eq!(shop.api.get(&path).await.is(200)["data"], before);
        assert_eq!(newest(&shop.api, "").await["status"], "permanently_failed");
        shop.product("one").await;
        app.deliver_due().await;
        assert_eq!(sink.requests().len(), 2);
    }
    app.finish().await;
}

#[actix_rt::test]
async fn no_header_of_the_owners_passes_for_one_of_a_delivery() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let sink = app.sink().await;
    let body = |name: &str| json!({ "url": sink.url(), "events": ["product.created"], "custom_headers": { "X-Source": "shop", name: "true" } });
    for name in [
        "X-Sellf-Event",
        "x-sellf-signature",
        "X-Sellf-Retry",
        "x-sellf-retry-attempt",
        "Webhook-Id",
    ] {
        let refused = shop.api.post("/api/v1/webhooks", body(name)).await.is(400);
        assert_eq!(refused["error"]["code"], "INVALID_INPUT", "{name}");
        assert!(refused["error"]["details"]["custom_headers"].is_array(), "{refused}");
    }
    shop.api.post("/api/v1/webhooks", body("X-Other")).await.is(201);
    shop.product("one").await;
    app.deliver_due().await;
    let sent = sink.only();
    assert_eq!((sent.header("x-source"), sent.header("x-other")), ("shop", "true"));
    assert_eq!(sent.header("x-sellf-retry"), "");
    app.finish().await;
}

#[actix_rt::test]
async fn an_event_that_is_named_twice_is_kept_once() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let sink = app.sink().await;
    let names = json!(["product.created", "purchase.completed", "product.created"]);
    let asked = json!({ "url": sink.url(), "events": names });
    let made: Value = shop.api.post("/api/v1/webhooks", asked).await.is(201);
    assert_eq!(made["data"]["events"], json!(["product.created", "purchase.completed"]));
    app.finish().await;
}
