//! People at somebody else's shop: they meet its conventions, and it learns their names.

use super::PASSWORD;
use crate::harness::{Client, TestApp};
use serde_json::json;

async fn named(app: &TestApp, email: &str, name: &str) -> Client {
    let who = json!({ "email": email, "password": PASSWORD, "name": name });
    app.anonymous().post("/api/auth/register", who).await.is(201);
    super::sign_in(app, email, PASSWORD).await
}

#[actix_rt::test]
async fn a_buyer_reads_and_writes_as_the_shop_does() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let product = json!({
        "name": "P", "slug": "p", "price": 19.99, "currency": "USD", "is_refundable": true, "allow_custom_price": true,
        "custom_price_min": 5,
    });
    let product = shop.product_of(product).await;
    let ann = named(&app, "ann@example.com", "Ann Meyer").await;
    let asked = json!({ "product_id": product, "amount": 20 });
    let begun = ann.post("/api/v1/checkout/sessions", asked).await.is(201);
    assert_eq!(
        begun["data"]["amount"], 20,
        "twenty dollars, as a key of the shop would read it"
    );
    app.anonymous()
        .pay(begun["data"]["url"].as_str().unwrap(), "4242424242424242")
        .await;
    let payment = shop.payment_of(begun["data"]["id"].as_str().unwrap()).await;
    let asked = json!({ "transaction_id": payment, "reason": "It does not fit." });
    let made = ann
        .header("Idempotency-Key", "once")
        .post("/api/refund-requests", asked.clone())
        .await
        .is(201);
    assert_eq!(
        (&made["data"]["product"]["price"], &made["data"]["requested_amount"]),
        (&json!(19.99), &json!(2000))
    );
    let again = ann
        .header("Idempotency-Key", "once")
        .post("/api/refund-requests", asked)
        .await
        .is(201);
    assert_eq!(again, made, "also when it is repeated");
    let request = format!("/api/v1/refund-requests/{}", made["data"]["id"].as_str().unwrap());
    let shown = shop.owner.get(&request).await.is(200);
    assert_eq!(shown["data"]["product"]["price"], 19.99);
    let odd = json!({ "product_id": product, "coupon_code": "NONE" });
    let refused = ann.post("/api/v1/checkout/sessions", odd).await;
    assert_eq!(refused.json["error"]["code"], "VALIDATION_ERROR", "{}", refused.text());
    app.finish().await;
}

#[actix_rt::test]
async fn the_shop_learns_the_name_of_who_signed_in() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let sink = app.sink().await;
    shop.endpoint(sink.url(), &["purchase.completed"]).await;
    let product = shop.product_of(json!({ "name": "P", "slug": "p", "price": 10 })).await;
    let ann = named(&app, "ann@example.com", "Ann Meyer").await;
    let begun = ann
        .post("/api/v1/checkout/sessions", json!({ "product_id": product }))
        .await
        .is(201);
    app.anonymous()
        .pay(begun["data"]["url"].as_str().unwrap(), "4242424242424242")
        .await;
    app.deliver_due().await;
    let customer = sink.only().json()["data"]["customer"].clone();
    assert_eq!(
        (&customer["firstName"], &customer["lastName"]),
        (&json!("Ann"), &json!("Meyer"))
    );
    let users = shop.api.get("/api/v1/users").await.is(200);
    assert_eq!(users["data"][0]["user_metadata"]["full_name"], "Ann Meyer");
    app.finish().await;
}

#[actix_rt::test]
async fn calls_of_sessions_are_not_counted_where_the_contract_says_so() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    for call in 0..1_210 {
        assert_eq!(shop.owner.get("/api/v1/me").await.status, 200, "{call}");
    }
    let native = app.shop("fondaco").await;
    let counted = native.owner.get("/api/v1/me").await;
    assert!(
        !counted.header("x-ratelimit-limit").is_empty(),
        "others bound what a runaway page can do"
    );
    app.finish().await;
}
