//! The delivery log and the five actions on a row.

use super::{act, endpoint_id, newest};
use crate::harness::{Shop, Sink, TestApp};
use serde_json::{Value, json};

/// A Sellf shop with one delivery that failed once.
async fn failed_once(app: &TestApp) -> (Shop, Sink, Value) {
    let shop = app.shop("sellf").await;
    let sink = app.sink().await;
    sink.answers([500]);
    shop.endpoint(sink.url(), &["product.created"]).await;
    shop.product("brushes").await;
    app.deliver_due().await;
    let log = newest(&shop.api, "").await;
    (shop, sink, log)
}

#[actix_rt::test]
async fn a_row_tells_what_the_contract_lists() {
    let app = TestApp::start().await;
    let (shop, sink, log) = failed_once(&app).await;
    for member in [
        "id",
        "endpoint_id",
        "endpoint",
        "event_type",
        "payload",
        "http_status",
        "response_body",
        "error_message",
        "duration_ms",
        "status",
        "attempt_count",
        "max_attempts",
        "next_retry_at",
        "failed_permanently_at",
        "created_at",
    ] {
        assert!(log.get(member).is_some(), "{member} is missing in {log}");
    }
    assert_eq!(log["endpoint"]["url"], sink.url());
    assert_eq!((&log["status"], &log["http_status"]), (&json!("pending_retry"), &json!(500)));
    assert_eq!((&log["attempt_count"], &log["max_attempts"]), (&json!(1), &json!(5)));
    assert_eq!(log["payload"], sink.only().json());
    assert_eq!(log["next_retry_at"], "2026-05-19T14:24:14.000Z");
    let whole = shop
        .api
        .get(&format!("/api/v1/webhooks/logs/{}", log["id"].as_str().unwrap()))
        .await
        .is(200);
    let attempt = &whole["data"]["attempts"][0];
    assert_eq!((&attempt["number"], &attempt["http_status"]), (&json!(1), &json!(500)));
    assert!(attempt["response_headers"].is_array() && attempt["first_byte_ms"].is_number());
    app.finish().await;
}

#[actix_rt::test]
async fn retry_sends_now_in_a_new_row_and_closes_the_old() {
    let app = TestApp::start().await;
    let (shop, sink, log) = failed_once(&app).await;
    sink.answers([200]);
    let told = act(&shop.api, &log, "retry").await.is(200);
    assert_eq!(told["data"], json!({"success": true, "http_status": 200, "error": null}));
    let requests = sink.requests();
    assert_eq!((requests.len(), requests[1].header("x-sellf-retry")), (2, "true"));
    assert_eq!(requests[0].body, requests[1].body);
    assert_eq!(newest(&shop.api, "status=retried").await["id"], log["id"]);
    let fresh = newest(&shop.api, "status=success").await;
    assert_ne!(fresh["id"], log["id"]);
    let again = act(&shop.api, &log, "retry").await;
    assert_eq!((again.status, &again.json["error"]["code"]), (400, &json!("INVALID_INPUT")));
    app.advance(86_400).await;
    assert_eq!(sink.requests().len(), 2);
    app.finish().await;
}

#[actix_rt::test]
async fn a_retry_in_vain_goes_on_with_the_rest_of_the_schedule() {
    let app = TestApp::start().await;
    let (shop, sink, log) = failed_once(&app).await;
    sink.answers([503]);
    let told = act(&shop.api, &log, "retry").await.is(200);
    assert_eq!(
        (&told["data"]["success"], &told["data"]["http_status"]),
        (&json!(false), &json!(503))
    );
    let fresh = newest(&shop.api, "status=pending_retry").await;
    assert_eq!(
        (&fresh["attempt_count"], &fresh["next_retry_at"]),
        (&json!(2), &json!("2026-05-19T14:28:14.000Z"))
    );
    app.advance(300).await;
    assert_eq!(sink.requests().len(), 3);
    app.finish().await;
}

#[actix_rt::test]
async fn force_retry_and_cancel_take_what_waits_and_nothing_else() {
    let app = TestApp::start().await;
    let (shop, sink, log) = failed_once(&app).await;
    sink.answers([500]);
    assert_eq!(
        act(&shop.api, &log, "force-retry").await.is(200)["data"],
        json!({"status": "rescheduled"})
    );
    app.deliver_due().await;
    assert_eq!(sink.requests().len(), 2);
    assert_eq!(act(&shop.api, &log, "replay").await.is(409)["error"]["code"], "CONFLICT");
    assert_eq!(
        act(&shop.api, &log, "cancel").await.is(200)["data"],
        json!({"status": "canceled"})
    );
    for action in ["cancel", "force-retry"] {
        assert_eq!(act(&shop.api, &log, action).await.is(409)["error"]["code"], "CONFLICT");
    }
    app.advance(86_400).await;
    assert_eq!(sink.requests().len(), 2);
    assert_eq!(newest(&shop.api, "status=permanently_failed").await["id"], log["id"]);
    app.finish().await;
}

#[actix_rt::test]
async fn replay_starts_the_schedule_over_with_the_same_bytes() {
    let app = TestApp::start().await;
    let (shop, sink, log) = failed_once(&app).await;
    act(&shop.api, &log, "cancel").await.is(200);
    assert_eq!(
        act(&shop.api, &log, "replay").await.is(200)["data"],
        json!({"status": "enqueued"})
    );
    let row = newest(&shop.api, "").await;
    assert_eq!(
        (&row["id"], &row["status"], &row["attempt_count"]),
        (&log["id"], &json!("pending_retry"), &json!(0))
    );
    app.deliver_due().await;
    let requests = sink.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[0].body, requests[1].body);
    assert_eq!(requests[1].header("x-sellf-retry-attempt"), "");
    assert_eq!(newest(&shop.api, "").await["status"], "success");
    app.finish().await;
}

#[actix_rt::test]
async fn what_is_put_away_is_sent_no_more() {
    let app = TestApp::start().await;
    let (shop, sink, log) = failed_once(&app).await;
    for _ in 0..2 {
        assert_eq!(
            act(&shop.api, &log, "archive").await.is(200)["data"],
            json!({"archived": true})
        );
    }
    app.advance(86_400).await;
    assert_eq!(sink.requests().len(), 1);
    assert_eq!(newest(&shop.api, "status=archived").await["id"], log["id"]);
    act(&shop.api, &log, "retry").await.is(400);
    app.finish().await;
}

#[actix_rt::test]
async fn filters_are_those_of_the_contract() {
    let app = TestApp::start().await;
    let (shop, sink, log) = failed_once(&app).await;
    let id = endpoint_id(&shop.api).await;
    act(&shop.api, &log, "cancel").await.is(200);
    shop.product("second").await;
    app.deliver_due().await;
    let count = async |filter: &str| {
        let page = shop.api.get(&format!("/api/v1/webhooks/logs?{filter}")).await.is(200);
        page["data"].as_array().unwrap().len()
    };
    for (filter, rows) in [
        ("", 2),
        ("status=all", 2),
        ("status=failed", 1),
        ("status=permanently_failed", 1),
        ("status=all_failed", 1),
        ("status=success", 1),
        ("status=pending_retry", 0),
        ("status=archived", 0),
        ("event_type=product.created", 2),
        ("event_type=product.deleted", 0),
    ] {
        assert_eq!(count(filter).await, rows, "{filter}");
    }
    assert_eq!(count(&format!("endpoint_id={id}")).await, 2);
    assert_eq!(count(&format!("webhook_id={id}&status=success")).await, 1);
    assert_eq!(count("endpoint_id=0190b2a4-0000-7000-8000-000000000000").await, 0);
    for bad in ["endpoint_id=x", "status=lost", "event_type=no.such", "cursor=%21"] {
        let refused = shop.api.get(&format!("/api/v1/webhooks/logs?{bad}")).await;
        assert_eq!(
            (refused.status, &refused.json["error"]["code"]),
            (400, &json!("INVALID_INPUT")),
            "{bad}"
        );
    }
    assert_eq!(sink.requests().len(), 2);
    app.finish().await;
}

#[actix_rt::test]
async fn pages_are_cut_without_gap_or_repetition_over_several_states() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let sink = app.sink().await;
    sink.answers([500, 200, 500, 200, 500, 200, 500]);
    shop.endpoint(sink.url(), &["product.created"]).await;
    for number in 0..7 {
        shop.product(&format!("p{number}")).await;
        app.deliver_due().await;
    }
    let failed = shop.api.get("/api/v1/webhooks/logs?status=all_failed").await.is(200);
    act(&shop.api, &failed["data"][1], "cancel").await.is(200);
    for (filter, all) in [("", 7), ("status=all_failed&", 4)] {
        let (mut seen, mut path) = (Vec::new(), format!("/api/v1/webhooks/logs?{filter}limit=3"));
        loop {
            let page = shop.api.get(&path).await.is(200);
            seen.extend(
                page["data"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|row| row["id"].as_str().unwrap().to_owned()),
            );
            match page["pagination"]["next_cursor"].as_str() {
                Some(cursor) => path = format!("/api/v1/webhooks/logs?{filter}limit=3&cursor={cursor}"),
                None => break,
            }
        }
        assert_eq!(seen.len(), all, "{filter}");
        assert!(seen.is_sorted_by(|a, b| a > b), "newest first: {seen:?}");
    }
    app.finish().await;
}

#[actix_rt::test]
async fn another_tenants_rows_are_not_there() {
    let app = TestApp::start().await;
    let (_, _, log) = failed_once(&app).await;
    let other = app.shop("sellf").await;
    assert!(newest(&other.api, "").await.is_null());
    for action in ["retry", "archive", "replay", "force-retry", "cancel"] {
        act(&other.api, &log, action).await.is(404);
        let bad = other.api.post(&format!("/api/v1/webhooks/logs/x/{action}"), json!({})).await;
        assert_eq!((bad.status, &bad.json["error"]["code"]), (400, &json!("INVALID_INPUT")));
    }
    app.finish().await;
}

#[actix_rt::test]
async fn owners_of_every_dialect_reach_their_log() {
    let app = TestApp::start().await;
    for (dialect, event) in [
        ("openclaw", "product.published"),
        ("licentric", "license.created"),
        ("bigclass", "student.created"),
    ] {
        let shop = app.shop(dialect).await;
        let sink = app.sink().await;
        shop.endpoint(sink.url(), &[event]).await;
        let listed = shop.owner.get("/api/v1/webhooks").await.is(200);
        let rows = listed.get("data").or_else(|| listed.get("webhooks")).unwrap();
        let id = rows[0]["id"].as_str().unwrap().to_owned();
        shop.owner
            .post(&format!("/api/v1/webhooks/{id}/test"), json!({}))
            .await
            .is(200);
        let page = shop.owner.get("/api/v1/webhooks/logs?status=success").await.is(200);
        let rows = page.get("data").or_else(|| page.get("logs")).unwrap();
        assert_eq!(rows.as_array().unwrap().len(), 1, "{dialect}: {page}");
        assert_eq!(sink.requests().len(), 1);
    }
    app.finish().await;
}
