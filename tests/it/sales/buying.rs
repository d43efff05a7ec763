//! Checkouts and what they give.

use crate::harness::TestApp;
use crate::people::token_for;
use crate::subscriptions::person;
use serde_json::{Value, json};

#[actix_rt::test]
async fn a_test_card_pays_once_and_the_buyer_is_told_once() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let sink = app.sink().await;
    let secret = shop.endpoint(sink.url(), &["purchase.completed"]).await;
    let product = shop.product("brushes").await;
    let (checkout, page) = shop
        .checkout(json!({ "product_id": product, "email": "Ben@Example.com", "success_url": "https://shop.example/thanks?a=1" }))
        .await;
    let shown = app.anonymous().get(&page).await;
    assert!(
        shown.status == 200 && shown.text().contains("Nebula brushes"),
        "{}",
        shown.text()
    );
    for _ in 0..2 {
        let paid = app.anonymous().form(&page, &[("card", "4242 4242 4242 4242")]).await;
        assert_eq!(
            (paid.status, paid.header("location")),
            (303, "https://shop.example/thanks?a=1")
        );
    }
    let made = shop.api.get(&format!("/api/v1/checkout/sessions/{checkout}")).await.is(200);
    assert_eq!(
        (&made["data"]["status"], &made["data"]["url"]),
        (&json!("complete"), &Value::Null)
    );
    app.deliver_due().await;
    let told = sink.only();
    told.is_signed_by(&secret);
    let data = &told.json()["data"];
    assert_eq!(data["customer"]["email"], "ben@example.com");
    assert_eq!(
        (&data["order"]["amount"], &data["order"]["currency"]),
        (&json!(1900), &json!("USD"))
    );
    assert_eq!(data["order"]["id"], made["data"]["payment_id"]);
    assert_eq!(
        (&data["order"]["is_guest"], &data["product"]["id"]),
        (&json!(true), &json!(product))
    );
    app.finish().await;
}

#[actix_rt::test]
async fn a_declined_card_gives_nothing() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let sink = app.sink().await;
    shop.endpoint(sink.url(), &["purchase.completed", "access.granted"]).await;
    let (checkout, page) = shop
        .checkout(json!({ "product_id": shop.product("brushes").await, "email": "ben@example.com" }))
        .await;
    for card in ["4000000000000002", "4111111111111111", ""] {
        assert_eq!(app.anonymous().form(&page, &[("card", card)]).await.status, 402, "{card}");
    }
    let made = shop.api.get(&format!("/api/v1/checkout/sessions/{checkout}")).await.is(200);
    assert_eq!(
        (&made["data"]["status"], &made["data"]["payment_id"]),
        (&json!("open"), &Value::Null)
    );
    app.deliver_due().await;
    assert!(sink.requests().is_empty());
    app.finish().await;
}

#[actix_rt::test]
async fn a_checkout_nobody_pays_expires() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let (checkout, page) = shop
        .checkout(json!({ "product_id": shop.product("brushes").await, "email": "ben@example.com" }))
        .await;
    app.advance(24 * 3600).await;
    assert_eq!(app.anonymous().form(&page, &[("card", "4242424242424242")]).await.status, 410);
    let made = shop.api.get(&format!("/api/v1/checkout/sessions/{checkout}")).await.is(200);
    assert_eq!(made["data"]["status"], "expired");
    app.finish().await;
}

#[actix_rt::test]
async fn what_costs_nothing_is_given_at_once_and_told_as_a_lead() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let sink = app.sink().await;
    shop.endpoint(sink.url(), &["lead.captured", "purchase.completed"]).await;
    let free = json!({ "name": "Sampler", "slug": "sampler", "price": 0, "price_includes_vat": false });
    let free = shop.api.post("/api/v1/products", free).await.is(201)["data"]["id"].clone();
    let asked = json!({ "product_id": free, "email": "ben@example.com" });
    for _ in 0..2 {
        let made = shop.api.post("/api/v1/checkout/sessions", asked.clone()).await.is(201);
        assert_eq!(
            (&made["data"]["status"], &made["data"]["url"]),
            (&json!("complete"), &Value::Null)
        );
    }
    let nobody = json!({ "product_id": free });
    shop.api.post("/api/v1/checkout/sessions", nobody).await.is(400);
    app.deliver_due().await;
    assert_eq!(sink.only().json()["type"], "lead.captured");
    app.finish().await;
}

#[actix_rt::test]
async fn bought_time_ends_on_the_clock_and_is_told_once() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let sink = app.sink().await;
    shop.endpoint(sink.url(), &["access.expired"]).await;
    let month = json!({ "name": "Month", "slug": "month", "price": 500, "auto_grant_duration_days": 30 });
    let month = shop.api.post("/api/v1/products", month).await.is(201)["data"]["id"].clone();
    let month = month.as_str().unwrap();
    shop.sale(month, "ben@example.com").await;
    app.advance(10 * 86_400).await;
    // Bought again while it runs: the second month is put behind the first.
    shop.sale(month, "ben@example.com").await;
    app.advance(49 * 86_400).await;
    assert!(sink.requests().is_empty());
    app.advance(2 * 86_400).await;
    let told = sink.only().json();
    assert_eq!(told["data"]["customer"]["email"], "ben@example.com");
    assert_eq!(told["data"]["access"]["granted_at"], "2026-05-19T14:23:14.000Z");
    assert_eq!(told["data"]["access"]["expired_at"], "2026-07-18T14:23:14.000Z");
    app.advance(400 * 86_400).await;
    sink.only();
    app.finish().await;
}

#[actix_rt::test]
async fn who_may_buy_what() {
    let app = TestApp::start().await;
    let (shop, other) = (app.shop("fondaco").await, app.shop("fondaco").await);
    let product = shop.product("brushes").await;
    let asked = json!({ "product_id": product, "email": "ben@example.com" });
    let path = "/api/v1/checkout/sessions";
    app.anonymous().post(path, asked.clone()).await.is(401);
    other.api.post(path, asked.clone()).await.is(404);
    shop.key("fondaco", &["products:write"])
        .await
        .post(path, asked.clone())
        .await
        .is(403);
    shop.key("fondaco", &["purchases:write"])
        .await
        .post(path, asked.clone())
        .await
        .is(201);
    // Another shop's owner is a buyer like any other, under his own address.
    let made = other.owner.post(path, asked.clone()).await.is(201);
    let id = made["data"]["id"].as_str().unwrap().to_owned();
    shop.api.get(&format!("{path}/{id}")).await.is(200);
    other.api.get(&format!("{path}/{id}")).await.is(404);
    shop.api
        .patch(&format!("/api/v1/products/{product}"), json!({ "is_active": false }))
        .await
        .is(200);
    other.owner.post(path, asked.clone()).await.is(404);
    shop.api.post(path, json!({ "email": "ben@example.com" })).await.is(400);
    shop.api
        .post(path, json!({ "product_id": product, "email": "nobody" }))
        .await
        .is(400);
    app.finish().await;
}

#[actix_rt::test]
async fn a_guest_purchase_is_the_persons_once_the_address_is_proved() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let product = json!({ "name": "Brushes", "slug": "brushes", "price": 1900, "is_refundable": true });
    let product = shop.api.post("/api/v1/products", product).await.is(201)["data"]["id"].clone();
    let product = product.as_str().unwrap();
    // A person writes addresses as he likes; another one's purchase stays another's.
    let payment = shop.sale(product, "Eve@Example.com").await;
    let others = shop.sale(product, "ben@example.com").await;
    app.advance(1).await;
    let eve = person(&app, "eve@example.com").await;
    let asked = json!({ "transaction_id": payment, "reason": "It does not fit." });
    eve.post("/api/refund-requests", asked.clone()).await.is(404);
    assert_eq!(eve.get("/v1/library").await.is(200)["total"], 0);
    let proof = json!({ "token": token_for(&app, "eve@example.com").await });
    app.anonymous().post("/api/auth/verify", proof.clone()).await.is(200);
    app.anonymous().post("/api/auth/verify", proof).await.is(400);
    let library = eve.get("/v1/library").await.is(200);
    assert_eq!(
        (&library["total"], &library["purchases"][0]["id"]),
        (&json!(1), &json!(payment))
    );
    let made = eve.post("/api/refund-requests", asked).await.is(201);
    assert_eq!(made["data"]["transaction"]["id"], json!(payment));
    eve.post("/api/refund-requests", json!({ "transaction_id": others }))
        .await
        .is(404);
    app.finish().await;
}
