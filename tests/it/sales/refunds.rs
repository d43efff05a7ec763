//! Giving money back.

use crate::harness::TestApp;
use serde_json::{Value, json};

#[actix_rt::test]
async fn parts_add_up_to_the_whole_and_only_the_whole_takes_access() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let sink = app.sink().await;
    shop.endpoint(sink.url(), &["refund.issued", "access.revoked"]).await;
    let taxed = json!({ "name": "Taxed", "slug": "taxed", "price": 12.3, "vat_rate": 23 });
    let taxed = shop.api.post("/api/v1/products", taxed).await.is(201)["data"]["id"].clone();
    let payment = shop.sale(taxed.as_str().unwrap(), "ben@example.com").await;
    let path = format!("/api/v1/payments/{payment}/refund");
    let first = shop
        .api
        .post(&path, json!({ "amount": 333, "reason": "duplicate" }))
        .await
        .is(200);
    assert_eq!(
        (&first["data"]["payment_status"], &first["data"]["total_refunded"]),
        (&json!("completed"), &json!(333))
    );
    assert_eq!(first["data"]["refund"]["amount"], 333);
    shop.api.post(&path, json!({ "amount": 898 })).await.is(400);
    let rest = shop.api.post(&path, json!({})).await.is(200);
    assert_eq!(
        (&rest["data"]["payment_status"], &rest["data"]["total_refunded"]),
        (&json!("refunded"), &json!(1230))
    );
    shop.api.post(&path, json!({ "amount": 1 })).await.is(400);
    app.deliver_due().await;
    let told: Vec<Value> = sink.requests().iter().map(|request| request.json()).collect();
    let refunds: Vec<&Value> = told.iter().filter(|event| event["event"] == "refund.issued").collect();
    assert_eq!(refunds.len(), 2);
    let sum = |member: &str| {
        refunds
            .iter()
            .map(|event| event["data"]["refund"][member].as_i64().unwrap())
            .sum::<i64>()
    };
    assert_eq!((sum("amount"), sum("net"), sum("tax")), (1230, 1000, 230));
    assert!(
        refunds
            .iter()
            .any(|event| event["data"]["refund"]["isFullRefund"] == json!(true))
    );
    assert_eq!(told.iter().filter(|event| event["event"] == "access.revoked").count(), 1);
    app.finish().await;
}

#[actix_rt::test]
async fn however_many_ask_at_once_no_more_goes_back_than_was_paid() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let payment = shop.sale(&shop.product("brushes").await, "ben@example.com").await;
    let path = format!("/api/v1/payments/{payment}/refund");
    let asks = (0..20).map(|_| shop.api.post(&path, json!({ "amount": 500 })));
    let answers = futures_util::future::join_all(asks).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 3, "{statuses:?}");
    assert!(
        statuses.iter().all(|status| matches!(status, 200 | 400 | 409)),
        "{statuses:?}"
    );
    let rest = shop.api.post(&path, json!({})).await.is(200);
    assert_eq!(
        (&rest["data"]["refund"]["amount"], &rest["data"]["total_refunded"]),
        (&json!(400), &json!(1900))
    );
    app.finish().await;
}

#[actix_rt::test]
async fn a_refund_asked_for_again_with_its_key_is_one_refund() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let payment = shop.sale(&shop.product("brushes").await, "ben@example.com").await;
    let path = format!("/api/v1/payments/{payment}/refund");
    let again = shop.api.header("Idempotency-Key", "refund-1");
    let first = again.post(&path, json!({ "amount": 500 })).await.is(200);
    let second = again.post(&path, json!({ "amount": 500 })).await;
    assert_eq!(second.header("idempotency-replayed"), "true");
    second.equals(200, first);
    app.finish().await;
}

#[actix_rt::test]
async fn bad_refunds_are_refused() {
    let app = TestApp::start().await;
    let (shop, other) = (app.shop("sellf").await, app.shop("sellf").await);
    let payment = shop.sale(&shop.product("brushes").await, "ben@example.com").await;
    let path = format!("/api/v1/payments/{payment}/refund");
    for body in [
        json!({ "amount": 0 }),
        json!({ "amount": -5 }),
        json!({ "amount": 1.5 }),
        json!({ "reason": "bored" }),
    ] {
        let refused = shop.api.post(&path, body).await.is(400);
        assert_eq!(refused["error"]["code"], "INVALID_INPUT");
    }
    other.api.post(&path, json!({})).await.is(404);
    shop.key("sellf", &["analytics:read"])
        .await
        .post(&path, json!({}))
        .await
        .is(403);
    shop.key("sellf", &["refund-requests:write"])
        .await
        .post(&path, json!({ "amount": 1 }))
        .await
        .is(200);
    shop.api.post("/api/v1/payments/nonsense/refund", json!({})).await.is(400);
    app.finish().await;
}
