//! Orders: money in three columns, a receipt that opens, and what was given and taken.

use super::{buy, course, data, text};
use crate::harness::TestApp;
use serde_json::{Value, json};

#[actix_rt::test]
async fn an_order_is_told_as_it_is_listed() {
    let app = TestApp::start().await;
    let shop = app.shop("bigclass").await;
    let sink = app.sink().await;
    let secret = shop.endpoint(sink.url(), &["order.paid", "order.refunded"]).await;
    let made = course(&shop, "Colour").await;
    let order = buy(&app, &shop, json!({ "course_id": made["id"], "email": "ann@example.com" })).await;
    app.deliver_due().await;
    let paid = sink.only();
    paid.is_branded_by("x-tbc-signature", &secret);
    assert_eq!(paid.json()["data"], order);
    let amount = |name: &str| order[name].as_i64().unwrap();
    assert_eq!(amount("grossAmount"), 4900);
    assert!(amount("gatewayFee") > 0);
    assert_eq!(amount("grossAmount"), amount("gatewayFee") + amount("netAmount"));
    for (member, expected) in [
        ("productName", json!("Colour")),
        ("customerEmail", json!("ann@example.com")),
        ("courseId", made["id"].clone()),
        ("status", json!("paid")),
        ("currency", json!("EUR")),
        ("refundedAt", Value::Null),
    ] {
        assert_eq!(order[member], expected, "{member}");
    }
    assert_eq!(order["entitlements"][0]["courseId"], made["id"]);
    assert_eq!(order["entitlements"][0]["revokedAt"], Value::Null);
    let path = format!("/api/v1/orders/{}", text(&order["id"]));
    assert_eq!(shop.api.get(&path).await.is(200)["data"], order);
    let refund = format!("/api/v1/payments/{}/refund", text(&order["id"]));
    app.advance(60).await;
    shop.owner.post(&refund, json!({})).await;
    app.deliver_due().await;
    let refunded = data(&sink, "order.refunded");
    assert_eq!((refunded.len(), &refunded[0]["status"]), (1, &json!("refunded")));
    assert_eq!(refunded[0]["entitlements"][0]["revokedAt"], "2026-05-19T14:24:14Z");
    assert_eq!(shop.api.get(&path).await.is(200)["data"], refunded[0]);
    app.finish().await;
}

#[actix_rt::test]
async fn whoever_has_the_address_sees_the_receipt() {
    let app = TestApp::start().await;
    let shop = app.shop("bigclass").await;
    let made = course(&shop, "Colour <i>").await;
    let order = buy(&app, &shop, json!({ "course_id": made["id"], "email": "ann@example.com" })).await;
    let url = text(&order["receiptUrl"]);
    let path = &url[url.find("/receipts/").unwrap()..];
    let page = app.anonymous().get(path).await;
    assert!(
        page.status == 200 && page.header("content-type").starts_with("text/html"),
        "{}",
        page.text()
    );
    for part in ["Test shop", "ann@example.com", "Colour &lt;i&gt;", "49.00 EUR"] {
        assert!(page.text().contains(part), "{part}: {}", page.text());
    }
    let told = app.anonymous().header("Accept", "application/json").get(path).await.is(200);
    assert_eq!(told["data"]["seller"], "Test shop");
    let absent = app.anonymous().get("/receipts/nothing").await;
    assert!(absent.status == 404 && absent.header("content-type").starts_with("text/html"));
    app.finish().await;
}

#[actix_rt::test]
async fn orders_are_filtered_and_walked() {
    let app = TestApp::start().await;
    let shop = app.shop("bigclass").await;
    let made = course(&shop, "Colour").await;
    for buyer in ["a@example.com", "b@example.com", "c@example.com"] {
        buy(&app, &shop, json!({ "course_id": made["id"], "email": buyer })).await;
    }
    let first = shop.api.get("/api/v1/orders?limit=2").await.is(200);
    assert_eq!(first["data"].as_array().unwrap().len(), 2);
    let next = text(&first["pagination"]["nextCursor"]);
    let second = shop.api.get(&format!("/api/v1/orders?limit=2&cursor={next}")).await.is(200);
    assert_eq!(second["data"][0]["customerEmail"], "a@example.com");
    assert_eq!(second["pagination"]["hasMore"], false);
    let one = shop.api.get("/api/v1/orders?email=b@example.com&status=paid").await.is(200);
    assert_eq!(one["data"].as_array().unwrap().len(), 1);
    shop.api.get("/api/v1/orders?status=lost").await.is(422);
    shop.key("bigclass", &["read:courses"])
        .await
        .get("/api/v1/orders")
        .await
        .is(403);
    app.finish().await;
}
