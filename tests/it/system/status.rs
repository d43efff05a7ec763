//! How a shop stands, and that the service answers.

use crate::harness::TestApp;
use serde_json::json;

#[actix_rt::test]
async fn a_shop_is_counted_by_itself() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let other = app.shop("sellf").await;
    let made =
        |slug: &str, active: bool| json!({ "name": "B", "slug": slug, "description": "d", "price": 1, "is_active": active });
    for (slug, active) in [("one", true), ("two", true), ("off", false)] {
        shop.api.post("/api/v1/products", made(slug, active)).await.is(201);
    }
    shop.endpoint("https://hooks.example/", &["purchase.completed"]).await;
    let told = shop.api.get("/api/v1/system/status").await.is(200);
    let data = &told["data"];
    assert_eq!(data["status"], "healthy");
    assert!(data["timestamp"].as_str().unwrap().ends_with('Z'));
    assert_eq!(
        (&data["version"]["api"], &data["version"]["service"]),
        (&json!("v1"), &json!("fondaco"))
    );
    assert_eq!(data["database"], json!({ "connected": true, "error": null }));
    assert_eq!(
        data["counts"],
        json!({
            "products": { "total": 3, "active": 2 },
            "users": { "total": 0 },
            "transactions": { "total": 0, "completed": 0 },
            "refund_requests": { "pending": 0 },
            "webhooks": { "active": 1 },
            "coupons": { "active": 0 },
            "api_keys": { "active": 1 },
        })
    );
    assert_eq!(
        data["features"],
        json!({ "stripe_enabled": false, "webhooks_enabled": true, "api_keys_enabled": true })
    );
    let alone = other.api.get("/api/v1/system/status").await.is(200);
    assert_eq!(alone["data"]["counts"]["products"]["total"], 0);
    shop.key("sellf", &["products:read"])
        .await
        .get("/api/v1/system/status")
        .await
        .is(403);
    app.finish().await;
}

#[actix_rt::test]
async fn a_sale_and_its_refund_are_counted() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let product = shop.product("brushes").await;
    let asked = json!({ "product_id": product, "email": "ada@b.example" });
    let begun = shop.api.post("/api/v1/checkout/sessions", asked).await.is(201);
    let page = begun["data"]["url"]
        .as_str()
        .unwrap()
        .strip_prefix(app.url())
        .unwrap()
        .to_owned();
    app.anonymous()
        .raw(reqwest::Method::POST, &page, "card=4242424242424242")
        .await;
    let counted = async || shop.api.get("/api/v1/system/status").await.is(200)["data"]["counts"].clone();
    let counts = counted().await;
    assert_eq!(counts["transactions"], json!({ "total": 1, "completed": 1 }));
    assert_eq!(counts["users"]["total"], 1);
    let payments = shop.api.get("/api/v1/payments").await.is(200);
    let payment = payments["data"][0]["id"].as_str().unwrap().to_owned();
    shop.api
        .post(&format!("/api/v1/payments/{payment}/refund"), json!({}))
        .await
        .is(200);
    assert_eq!(counted().await["transactions"], json!({ "total": 1, "completed": 0 }));
    app.finish().await;
}

#[actix_rt::test]
async fn the_service_says_that_it_answers() {
    let app = TestApp::start().await;
    let told = app.anonymous().get("/api/health").await.is(200);
    assert_eq!(
        told,
        json!({ "status": "ok", "timestamp": "2026-05-19T14:23:14.000Z", "service": "fondaco" })
    );
    app.finish().await;
}

#[actix_rt::test]
async fn a_buyer_sees_what_he_has_behind_his_mailed_link() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let product = shop.product("brushes").await;
    let asked = json!({ "product_id": product, "email": "ada@b.example" });
    let begun = shop.api.post("/api/v1/checkout/sessions", asked).await.is(201);
    let page = begun["data"]["url"]
        .as_str()
        .unwrap()
        .strip_prefix(app.url())
        .unwrap()
        .to_owned();
    app.anonymous()
        .raw(reqwest::Method::POST, &page, "card=4242424242424242")
        .await;
    assert!(app.anonymous().get("/account").await.text().contains("name=\"email\""));
    let asked = app
        .anonymous()
        .raw(reqwest::Method::POST, "/account", "email=ada%40b.example")
        .await;
    assert_eq!(asked.status, 200);
    app.anonymous()
        .raw(reqwest::Method::POST, "/account", "email=nobody")
        .await
        .is(400);
    app.deliver_due().await;
    let mails = crate::people::mails_to(&app, "ada@b.example");
    let link = mails.iter().find_map(|mail| mail.split("/auth/link?token=").nth(1)).unwrap();
    let token = link.split_whitespace().next().unwrap();
    let signed = app.anonymous().post("/api/auth/link", json!({ "token": token })).await;
    let cookie = signed.header("set-cookie").split(';').next().unwrap().to_owned();
    let shown = app.anonymous().header("Cookie", &cookie).get("/account").await;
    assert!(
        shown.text().contains("Nebula brushes") && shown.text().contains("Test shop"),
        "{}",
        shown.text()
    );
    app.finish().await;
}
