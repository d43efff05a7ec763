//! Endpoints by the rules of their contracts.

use super::{endpoint_id, newest};
use crate::harness::TestApp;
use serde_json::json;

#[actix_rt::test]
async fn a_test_sends_one_signed_sample_even_to_an_endpoint_that_is_off() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let sink = app.sink().await;
    sink.answers([200, 500]);
    let secret = shop.endpoint(sink.url(), &["purchase.completed"]).await;
    let id = endpoint_id(&shop.api).await;
    let path = format!("/api/v1/webhooks/{id}");
    shop.api.patch(&path, json!({"is_active": false})).await.is(200);
    let good = shop.api.post(&format!("{path}/test"), json!({})).await.is(200);
    assert_eq!(good["data"], json!({"success": true, "http_status": 200, "error": null}));
    let sent = sink.only();
    sent.is_branded_by("x-sellf-signature", &secret);
    sent.is_signed_by(&secret);
    assert_eq!(sent.header("x-sellf-event"), "test.event");
    assert_eq!(sent.json()["event"], "test.event");
    let named = json!({"event_type": "purchase.completed"});
    let bad = shop.api.post(&format!("{path}/test"), named).await.is(200);
    assert_eq!(
        (&bad["data"]["success"], &bad["data"]["http_status"]),
        (&json!(false), &json!(500))
    );
    assert_eq!(sink.requests()[1].json()["data"]["product"]["price"], 19.95);
    let log = newest(&shop.api, "event_type=purchase.completed").await;
    assert_eq!(
        (&log["status"], &log["attempt_count"]),
        (&json!("permanently_failed"), &json!(1))
    );
    app.advance(3_600).await;
    assert_eq!(sink.requests().len(), 2, "a sample is tried once");
    shop.api
        .post(&format!("{path}/test"), json!({"event_type": "no.such"}))
        .await
        .is(400);
    app.finish().await;
}

#[actix_rt::test]
async fn nobody_answers_and_the_test_says_so() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    // A port that was free a moment ago: nothing listens there.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    shop.endpoint(&format!("http://{free}/hook"), &["product.created"]).await;
    let id = endpoint_id(&shop.api).await;
    let told = shop.api.post(&format!("/api/v1/webhooks/{id}/test"), json!({})).await.is(200);
    assert_eq!(
        (&told["data"]["success"], &told["data"]["http_status"]),
        (&json!(false), &json!(0))
    );
    assert!(told["data"]["error"].is_string());
    app.finish().await;
}

#[actix_rt::test]
async fn both_secrets_sign_while_one_replaces_the_other() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let sink = app.sink().await;
    let old = shop.endpoint(sink.url(), &["product.created"]).await;
    let id = endpoint_id(&shop.api).await;
    let path = format!("/api/v1/webhooks/{id}/rotate-secret");
    shop.api.post(&path, json!({"overlap_hours": 169})).await.is(400);
    let rotated = shop.api.post(&path, json!({"overlap_hours": 1})).await.is(200);
    let new = rotated["data"]["secret"].as_str().unwrap().to_owned();
    assert_ne!(old, new);
    shop.product("one").await;
    app.deliver_due().await;
    for secret in [&old, &new] {
        sink.requests()[0].is_signed_by(secret);
        sink.requests()[0].is_branded_by("x-fondaco-signature", secret);
    }
    app.advance(3_601).await;
    shop.product("two").await;
    app.deliver_due().await;
    let later = sink.requests()[1].clone();
    later.is_signed_by(&new);
    assert_eq!(later.header("webhook-signature").split(' ').count(), 1);
    app.finish().await;
}

#[actix_rt::test]
async fn what_is_wrong_about_an_endpoint_is_invalid_input_in_sellf() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let good = json!({"url": "https://hooks.example.com/a", "events": ["product.created"]});
    let mut wrong = vec![
        json!({"events": ["product.created"]}),
        json!({"url": "https://hooks.example.com/a", "events": []}),
        json!({"url": "https://hooks.example.com/a", "events": ["no.such"]}),
    ];
    for (member, value) in [
        ("url", json!("https://user:pass@hooks.example.com/a")),
        ("url", json!("https://10.0.0.7/a")),
        ("url", json!("https://169.254.169.254/latest")),
        ("url", json!("ftp://hooks.example.com/a")),
        ("description", json!("x".repeat(501))),
        ("product_filter_mode", json!("selected")),
        ("product_ids", json!(["0190b2a4-5e6f-7a8b-9c0d-1e2f3a4b5c6d"])),
        ("custom_headers", json!({"Host": "elsewhere"})),
        ("custom_headers", json!({"bad name": "x"})),
        ("custom_payload_fields", json!({"event": "mine"})),
    ] {
        let mut body = good.clone();
        body[member] = value;
        wrong.push(body);
    }
    for body in wrong {
        let refused = shop.api.post("/api/v1/webhooks", body.clone()).await;
        assert_eq!(refused.json["error"]["code"], "INVALID_INPUT", "{body}: {}", refused.text());
        assert_eq!(refused.status, 400, "{body}");
    }
    shop.api.post("/api/v1/webhooks", good).await.is(201);
    app.finish().await;
}

#[actix_rt::test]
async fn headers_fields_and_selection_shape_what_is_sent() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let sink = app.sink().await;
    let body = json!({
        "url": sink.url(), "events": ["product.created"],
        "custom_headers": {"X-Source": "fondaco", "X-Shop": "mine"},
        "custom_payload_fields": {"source": "shop"}, "payload_field_selection": ["id", "slug"],
    });
    let made = shop.api.post("/api/v1/webhooks", body).await.is(201);
    assert_eq!(made["data"]["custom_header_names"], json!(["X-Shop", "X-Source"]));
    assert!(made["data"].get("custom_headers").is_none());
    shop.product("brushes").await;
    app.deliver_due().await;
    let sent = sink.only();
    assert_eq!(
        (sent.header("x-source"), sent.header("x-sellf-event")),
        ("fondaco", "product.created")
    );
    assert_eq!(sent.json()["source"], "shop");
    assert_eq!(sent.json()["data"].as_object().unwrap().len(), 2);
    let path = format!("/api/v1/webhooks/{}", made["data"]["id"].as_str().unwrap());
    let cleared = shop
        .api
        .patch(&path, json!({"custom_headers": {}, "payload_field_selection": null}))
        .await
        .is(200);
    assert_eq!(cleared["data"]["has_custom_headers"], false);
    assert_eq!(cleared["data"]["payload_field_selection"], json!(null));
    app.finish().await;
}

#[actix_rt::test]
async fn the_secret_is_for_those_who_may_write() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    shop.endpoint("https://hooks.example.com/a", &["product.created"]).await;
    let reader = shop.key("sellf", &["webhooks:read"]).await;
    let path = format!("/api/v1/webhooks/{}", endpoint_id(&shop.api).await);
    assert!(reader.get(&path).await.is(200)["data"].get("secret").is_none());
    assert!(shop.api.get(&path).await.is(200)["data"]["secret"].is_string());
    reader.post(&format!("{path}/test"), json!({})).await.is(403);
    app.finish().await;
}

#[actix_rt::test]
async fn an_endpoint_that_is_off_has_its_events_held_and_offered() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let sink = app.sink().await;
    sink.answers([500]);
    shop.endpoint(sink.url(), &["product.created"]).await;
    let path = format!("/api/v1/webhooks/{}", endpoint_id(&shop.api).await);
    shop.product("waits").await;
    app.deliver_due().await;
    shop.api.patch(&path, json!({"is_active": false})).await.is(200);
    assert_eq!(newest(&shop.api, "").await["status"], "held");
    shop.product("comes").await;
    app.deliver_due().await;
    app.advance(3_600).await;
    assert_eq!(sink.requests().len(), 1);
    let on = shop.api.patch(&path, json!({"is_active": true})).await.is(200);
    assert_eq!(on["data"]["held_deliveries"], 2);
    let span = json!({"from": "2026-05-01T00:00:00Z", "status": "held"});
    let replayed = shop.api.post(&format!("{path}/replay"), span).await.is(200);
    assert_eq!(replayed["data"], json!({"count": 2, "dry_run": false}));
    app.deliver_due().await;
    assert_eq!(sink.requests().len(), 3);
    assert_eq!(shop.api.get(&path).await.is(200)["data"]["held_deliveries"], 0);
    app.finish().await;
}

#[actix_rt::test]
async fn waiting_deliveries_of_sellf_are_given_up_when_their_endpoint_goes() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let sink = app.sink().await;
    sink.answers([500]);
    shop.endpoint(sink.url(), &["product.created"]).await;
    let path = format!("/api/v1/webhooks/{}", endpoint_id(&shop.api).await);
    shop.product("waits").await;
    app.deliver_due().await;
    shop.api.delete(&path).await.is(204);
    let log = newest(&shop.api, "status=permanently_failed").await;
    assert_eq!((&log["endpoint"], &log["next_retry_at"]), (&json!(null), &json!(null)));
    assert!(log["failed_permanently_at"].is_string());
    app.advance(3_600).await;
    assert_eq!(sink.requests().len(), 1);
    app.finish().await;
}

#[actix_rt::test]
async fn each_dialect_has_its_number_of_endpoints() {
    let app = TestApp::start().await;
    for (dialect, event, most, status) in [
        ("openclaw", "product.published", 5, 409),
        ("licentric", "license.created", 20, 422),
    ] {
        let shop = app.shop(dialect).await;
        let body = json!({"url": "https://hooks.example.com/a", "events": [event]});
        let path = if dialect == "openclaw" {
            "/v1/creator/webhooks"
        } else {
            "/api/v1/webhooks"
        };
        for _ in 0..most {
            shop.owner.post(path, body.clone()).await.is(201);
        }
        let refused = shop.owner.post(path, body).await;
        assert_eq!(refused.status, status, "{dialect}: {}", refused.text());
    }
    app.finish().await;
}
