//! What a visitor agrees to, and what is told of him then.

use crate::harness::{Received, Shop, Sink, TestApp};
use serde_json::{Value, json};

const TOKEN: &str = "EAAG-a-token-of-more-than-twenty-letters";

/// A server that tells an advertising network of its own, and a shop that wants it told.
async fn shop_telling(app: &TestApp, more: Value) -> Shop {
    let shop = app.shop("fondaco").await;
    let mut set = json!({
        "facebook_pixel_id": "123456",
        "facebook_capi_token": TOKEN,
        "facebook_test_event_code": "TEST42",
        "fb_capi_enabled": true,
        "cookie_consent_enabled": true,
        "consent_logging_enabled": true,
        "gtm_container_id": "GTM-ABC",
    });
    set.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    shop.owner.patch("/api/v1/integrations", set).await.is(200);
    shop
}

async fn server(sink: &Sink) -> TestApp {
    let base = sink.url().trim_end_matches("/hook").to_owned();
    TestApp::with(&[("meta_api_base", base.as_str())]).await
}

/// Begins a purchase; answers its id.
async fn begun(shop: &Shop) -> String {
    let product = shop.product(&format!("brushes-{}", shop.slug)).await;
    let asked = json!({ "product_id": product, "email": "Ada@B.example" });
    let begun = shop.api.post("/api/v1/checkout/sessions", asked).await.is(201);
    begun["data"]["id"].as_str().unwrap().to_owned()
}

async fn agree(app: &TestApp, checkout: &str, marketing: bool) -> Value {
    let body = json!({ "checkout_id": checkout, "consents": { "analytics": true, "marketing": marketing }, "version": "1" });
    let visitor = app.anonymous().header("User-Agent", "Straw/1.0");
    visitor.post("/api/consent", body).await.is(200)
}

async fn pay(app: &TestApp, checkout: &str) {
    let page = format!("/sandbox/checkout/{checkout}");
    let paid = app
        .anonymous()
        .raw(reqwest::Method::POST, &page, "card=4242424242424242")
        .await;
    assert_eq!(paid.status, 303, "{}", paid.text());
    app.deliver_due().await;
}

fn event(told: &Received) -> Value {
    serde_json::from_slice::<Value>(&told.body).unwrap()["data"][0].clone()
}

#[actix_rt::test]
async fn a_sale_is_told_with_consent_and_hashed() {
    let sink = Sink::start();
    let app = server(&sink).await;
    let shop = shop_telling(&app, json!({})).await;
    let checkout = begun(&shop).await;
    assert_eq!(agree(&app, &checkout, true).await, json!({ "success": true, "logged": true }));
    pay(&app, &checkout).await;
    let told = sink.only();
    assert_eq!(told.path, "/v21.0/123456/events");
    let body: Value = serde_json::from_slice(&told.body).unwrap();
    assert_eq!(
        (&body["access_token"], &body["test_event_code"]),
        (&json!(TOKEN), &json!("TEST42"))
    );
    let event = event(&told);
    let payments = shop.api.get("/api/v1/payments").await.is(200);
    assert_eq!(event["event_id"], payments["data"][0]["id"]);
    assert_eq!(event["event_name"], "Purchase");
    assert_eq!(
        (&event["custom_data"]["value"], &event["custom_data"]["currency"]),
        (&json!(19), &json!("USD"))
    );
    let digest = ring::digest::digest(&ring::digest::SHA256, b"ada@b.example");
    assert_eq!(event["user_data"]["em"], json!([hex::encode(digest)]));
    assert!(!told_of(&told, "ada@b.example"));
    assert_eq!(event["user_data"]["client_user_agent"], "Straw/1.0");
    app.finish().await;
}

#[actix_rt::test]
async fn consent_given_on_the_shops_own_page_counts_too() {
    let sink = Sink::start();
    let app = server(&sink).await;
    let shop = shop_telling(&app, json!({})).await;
    let product = shop.product("own-page").await;
    let asked = json!({ "product_id": product, "email": "ada@b.example", "consent": { "marketing": true } });
    let begun = shop.api.post("/api/v1/checkout/sessions", asked).await.is(201);
    pay(&app, begun["data"]["id"].as_str().unwrap()).await;
    assert!(event(&sink.only())["user_data"]["em"].is_array());
    app.finish().await;
}

fn told_of(told: &Received, text: &str) -> bool {
    String::from_utf8_lossy(&told.body).to_lowercase().contains(text)
}

#[actix_rt::test]
async fn without_consent_the_mode_decides() {
    let sink = Sink::start();
    let app = server(&sink).await;
    for (mode, told) in [("strict", 0), ("limited", 1), ("permissive", 2)] {
        let shop = shop_telling(&app, json!({ "conversion_tracking_mode": mode })).await;
        let checkout = begun(&shop).await;
        pay(&app, &checkout).await;
        assert_eq!(sink.requests().len(), told, "{mode}");
    }
    let limited = event(&sink.requests()[0]);
    assert_eq!(limited["data_processing_options"], json!(["LDU"]));
    assert!(limited["user_data"]["em"].is_null() && limited["user_data"]["external_id"].is_array());
    assert!(event(&sink.requests()[1])["user_data"]["em"].is_array());
    // Who says no is not told of under any but the permissive mode, and nobody is where it is switched off.
    let shop = shop_telling(
        &app,
        json!({ "fb_capi_enabled": false, "conversion_tracking_mode": "permissive" }),
    )
    .await;
    pay(&app, &begun(&shop).await).await;
    assert_eq!(sink.requests().len(), 2);
    app.finish().await;
}

#[actix_rt::test]
async fn what_the_network_refuses_is_told_again_under_the_same_id() {
    let sink = Sink::start();
    let app = server(&sink).await;
    let shop = shop_telling(&app, json!({ "send_conversions_without_consent": true })).await;
    sink.answers([500, 429, 200]);
    pay(&app, &begun(&shop).await).await;
    assert_eq!(sink.requests().len(), 1);
    app.advance(59).await;
    assert_eq!(sink.requests().len(), 1);
    app.advance(1).await;
    assert_eq!(sink.requests().len(), 2);
    app.advance(7 * 24 * 3600).await;
    let told = sink.requests();
    assert_eq!(told.len(), 3);
    assert_eq!(event(&told[0]), event(&told[2]));
    app.finish().await;
}

#[actix_rt::test]
async fn the_checkout_page_counts_nobody_before_he_agrees() {
    let app = TestApp::start().await;
    let shop = shop_telling(&app, json!({})).await;
    let checkout = begun(&shop).await;
    let page = format!("/sandbox/checkout/{checkout}");
    let before = app.anonymous().get(&page).await;
    assert!(before.text().contains("action=\"/api/consent\""), "{}", before.text());
    assert!(!before.text().contains("<script"));
    assert!(!before.header("content-security-policy").contains("script-src"));
    let body = format!("checkout_id={checkout}&analytics=granted&marketing=denied");
    let form = app.anonymous().header("Content-Type", "application/x-www-form-urlencoded");
    let answered = form.call_text("POST", "/api/consent", body).await;
    assert_eq!(answered.status, 303, "{}", answered.text());
    assert_eq!(answered.header("location"), format!("{}{page}", app.url()));
    let after = app.anonymous().get(&page).await;
    let policy = after.header("content-security-policy");
    assert!(
        after.text().contains("gtm.js?id=GTM-ABC") && !after.text().contains("fbq("),
        "{}",
        after.text()
    );
    assert!(
        policy.contains("https://www.googletagmanager.com") && !policy.contains("facebook"),
        "{policy}"
    );
    app.finish().await;
}

#[actix_rt::test]
async fn consent_is_logged_where_the_shop_wants_a_log() {
    let app = TestApp::start().await;
    let shop = shop_telling(&app, json!({ "consent_logging_enabled": false })).await;
    let checkout = begun(&shop).await;
    assert_eq!(agree(&app, &checkout, true).await["logged"], false);
    for body in [
        json!({}),
        json!({ "checkout_id": checkout }),
        json!({ "checkout_id": "x", "analytics": true }),
    ] {
        assert!(app.anonymous().post("/api/consent", body).await.is(400)["error"].is_string());
    }
    let unknown = json!({ "checkout_id": "00000000-0000-7000-8000-000000000000", "analytics": true });
    app.anonymous().post("/api/consent", unknown).await.is(404);
    app.finish().await;
}

#[actix_rt::test]
async fn the_log_is_read_back_and_exported() {
    let sink = Sink::start();
    let app = server(&sink).await;
    let shop = shop_telling(&app, json!({})).await;
    let checkout = begun(&shop).await;
    agree(&app, &checkout, false).await;
    app.advance(1).await;
    agree(&app, &checkout, true).await;
    let listed = shop.api.get("/api/v1/consents?limit=1").await.is(200);
    let newest = &listed["data"][0];
    assert_eq!(
        (
            &newest["checkout_id"],
            &newest["marketing"],
            &newest["version"],
            &newest["user_agent"]
        ),
        (&json!(checkout), &json!(true), &json!("1"), &json!("Straw/1.0"))
    );
    assert!(!newest.to_string().contains("127.0.0.1"));
    let cursor = listed["pagination"]["next_cursor"].as_str().unwrap();
    let older = shop
        .api
        .get(&format!("/api/v1/consents?limit=1&cursor={cursor}"))
        .await
        .is(200);
    assert_eq!(older["data"][0]["marketing"], false);
    let table = shop.api.header("Accept", "text/csv").get("/api/v1/consents").await;
    assert!(
        table
            .header("content-disposition")
            .starts_with("attachment; filename=\"consents-")
    );
    assert_eq!(table.text().lines().count(), 3, "{}", table.text());
    let other = app.shop("fondaco").await;
    assert_eq!(other.api.get("/api/v1/consents").await.is(200)["data"], json!([]));
    shop.key("fondaco", &["products:read"])
        .await
        .get("/api/v1/consents")
        .await
        .is(403);
    app.finish().await;
}

#[actix_rt::test]
async fn renewals_are_told_like_purchases_under_what_was_agreed_at_the_beginning() {
    let sink = Sink::start();
    let app = server(&sink).await;
    let shop = shop_telling(&app, json!({})).await;
    let club = json!({
        "name": "Club", "slug": "club", "price": 0, "price_includes_vat": false, "product_type": "subscription",
        "recurring_price": 900, "billing_interval": "month",
    });
    let club = shop.api.post("/api/v1/products", club).await.is(201)["data"]["id"].clone();
    for (email, marketing, told) in [("shy@b.example", false, 0), ("open@b.example", true, 2)] {
        let asked = json!({ "product_id": club, "email": email });
        let begun = shop.api.post("/api/v1/checkout/sessions", asked).await.is(201);
        let checkout = begun["data"]["id"].as_str().unwrap();
        agree(&app, checkout, marketing).await;
        pay(&app, checkout).await;
        app.advance(32 * 86_400).await;
        assert_eq!(sink.requests().len(), told, "{email}");
    }
    let events: Vec<Value> = sink.requests().iter().map(event).collect();
    assert_eq!(events[0]["custom_data"]["value"], json!(9));
    assert_ne!(events[0]["event_id"], events[1]["event_id"]);
    app.finish().await;
}
