//! Buyers asking for their money back.

use crate::harness::{Client, Shop, TestApp};
use crate::subscriptions::person;
use serde_json::{Value, json};

/// Has a person buy a product with a card that pays; returns the payment's id.
async fn bought(app: &TestApp, shop: &Shop, buyer: &Client, product: &Value) -> String {
    let begun = buyer
        .post("/api/v1/checkout/sessions", json!({ "product_id": product }))
        .await
        .is(201);
    let checkout = begun["data"]["id"].as_str().unwrap();
    app.anonymous()
        .form(&format!("/sandbox/checkout/{checkout}"), &[("card", "4242424242424242")])
        .await;
    shop.payment_of(checkout).await
}

#[actix_rt::test]
async fn a_request_is_made_declined_granted_and_then_final() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let product = json!({ "name": "P", "slug": "p", "price": 10, "is_refundable": true, "refund_period_days": 14 });
    let product = shop.api.post("/api/v1/products", product).await.is(201)["data"]["id"].clone();
    let eve = person(&app, "eve@example.com").await;
    let payment = bought(&app, &shop, &eve, &product).await;
    let asked = json!({ "payment_id": payment, "reason": "It does not fit." });
    person(&app, "mallory@example.com")
        .await
        .post("/api/refund-requests", asked.clone())
        .await
        .is(404);
    let made = eve.post("/api/refund-requests", asked.clone()).await.is(201);
    eve.post("/api/refund-requests", asked.clone()).await.is(409);
    let id = made["data"]["id"].as_str().unwrap();
    let list = shop.api.get("/api/v1/refund-requests?status=pending").await.is(200);
    assert_eq!(
        (&list["data"][0]["id"], &list["data"][0]["product_name"]),
        (&json!(id), &json!("P"))
    );
    assert_eq!(list["data"][0]["requested_amount"], 1000);
    shop.api.get("/api/v1/refund-requests?status=odd").await.is(400);
    let path = format!("/api/v1/refund-requests/{id}");
    shop.api.patch(&path, json!({ "action": "maybe" })).await.is(400);
    let declined = shop
        .api
        .patch(&path, json!({ "action": "deny", "admin_response": "No." }))
        .await
        .is(200);
    assert_eq!(declined["data"]["status"], "rejected");
    shop.api.patch(&path, json!({ "action": "reject" })).await.is(400);
    let granted = shop.owner.patch(&path, json!({ "action": "approve" })).await.is(200);
    assert_eq!(
        (&granted["data"]["status"], &granted["data"]["stripe_refund_created"]),
        (&json!("approved"), &json!(true))
    );
    shop.api.patch(&path, json!({ "action": "approve" })).await.is(400);
    let shown = shop.api.get(&path).await.is(200);
    assert_eq!(shown["data"]["transaction"]["status"], "refunded");
    assert_eq!(shown["data"]["admin_response"], "No.");
    app.shop("sellf").await.api.get(&path).await.is(404);
    app.finish().await;
}

#[actix_rt::test]
async fn after_its_period_a_purchase_is_final() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let product = json!({ "name": "P", "slug": "p", "price": 1000, "is_refundable": true, "refund_period_days": 14 });
    let product = shop.api.post("/api/v1/products", product).await.is(201)["data"]["id"].clone();
    let eve = person(&app, "eve@example.com").await;
    let payment = bought(&app, &shop, &eve, &product).await;
    app.advance(14 * 86_400 + 60).await;
    eve.post("/api/refund-requests", json!({ "transaction_id": payment }))
        .await
        .is(400);
    app.finish().await;
}
