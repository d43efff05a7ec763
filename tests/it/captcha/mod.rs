//! Captchas: shown, solved, checked, once each.

use crate::harness::{Client, Reply, Shop, Sink, TestApp};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

const PAGE: &str = "https://page.example";

/// A server whose captchas are checked at the sink, and a shop that asks for them.
async fn asking(sink: &Sink, provider: &str) -> (TestApp, Shop) {
    let app = TestApp::with(&[("turnstile_verify_url", sink.url())]).await;
    let shop = app.shop("sellf").await;
    let set = json!({
        "captcha_provider": provider, "turnstile_site_key": "1x00000000000000000000AA",
        "turnstile_secret_key": "1x0000000000000000000000000000000AA", "embed_allowed_origins": [PAGE],
    });
    shop.owner.patch("/api/v1/integrations", set).await.is(200);
    for (slug, price) in [("paid", 10), ("gift", 0)] {
        let body = json!({
            "name": slug, "slug": slug, "price": price, "price_includes_vat": false, "embed_enabled": true,
            "enable_waitlist": true,
        });
        shop.api.post("/api/v1/products", body).await.is(201);
    }
    (app, shop)
}

fn page(app: &TestApp) -> Client {
    app.anonymous().header("Origin", PAGE)
}

fn said(success: bool) -> Reply {
    Reply::Body(200, json!({ "success": success, "error-codes": [] }).to_string().into_bytes())
}

#[actix_rt::test]
async fn turnstile_is_asked_before_anything_is_begun() {
    let sink = Sink::start();
    let (app, shop) = asking(&sink, "turnstile").await;
    let page = page(&app);
    let path = "/api/embed/checkout-session?productSlug=paid";
    let asked = page.post(path, json!({ "productSlug": "paid" })).await.is(200);
    assert_eq!(
        (&asked["kind"], &asked["captcha"]["provider"], &asked["captcha"]["siteKey"]),
        (
            &json!("paid_needs_captcha"),
            &json!("turnstile"),
            &json!("1x00000000000000000000AA")
        )
    );
    assert_eq!(asked["product"]["slug"], "paid");
    let with_token = json!({ "productSlug": "paid", "turnstileToken": "a-token" });
    sink.answers([said(false), Reply::Status(500), said(true)]);
    let refused = page.post(path, with_token.clone()).await.is(400);
    assert!(
        refused["error"].is_string() && refused["type"] == "validation_error",
        "{refused}"
    );
    page.post(path, with_token.clone()).await.is(503);
    assert_eq!(page.post(path, with_token).await.is(200)["kind"], "paid");
    let told: Value = serde_json::from_slice(&sink.requests()[0].body).unwrap();
    assert_eq!(
        (&told["secret"], &told["response"], &told["remoteip"]),
        (
            &json!("1x0000000000000000000000000000000AA"),
            &json!("a-token"),
            &json!("127.0.0.1")
        )
    );
    let free = json!({ "productSlug": "gift", "email": "ann@example.com", "website": "" });
    let path = "/api/embed/free-access?productSlug=gift";
    page.post(path, free.clone()).await.is(400);
    let mut free = free;
    free["turnstileToken"] = json!("a-token");
    sink.answers([said(true)]);
    page.post(path, free).await.is(200);
    let users = shop.api.get("/api/v1/users").await.is(200);
    assert_eq!(users["data"][0]["email"], "ann@example.com");
    app.finish().await;
}

/// Does the work a browser's widget does.
fn solved(challenge: &Value) -> String {
    let (salt, wanted) = (challenge["salt"].as_str().unwrap(), challenge["challenge"].as_str().unwrap());
    let digest = |number: u64| {
        let text = format!("{salt}{number}");
        hex::encode(ring::digest::digest(&ring::digest::SHA256, text.as_bytes()))
    };
    let number = (0..=challenge["maxnumber"].as_u64().unwrap()).find(|number| digest(*number) == wanted);
    let told = json!({
        "algorithm": challenge["algorithm"], "challenge": wanted, "number": number.unwrap(), "salt": salt,
        "signature": challenge["signature"],
    });
    STANDARD.encode(told.to_string())
}

#[actix_rt::test]
async fn work_is_good_once_and_for_a_while() {
    let sink = Sink::start();
    let (app, shop) = asking(&sink, "altcha").await;
    let page = page(&app);
    let product = shop.api.get("/api/v1/products?search=paid").await.is(200)["data"][0]["id"].clone();
    let free = json!({ "productSlug": "gift" });
    let told = page.post("/api/embed/checkout-session?productSlug=gift", free).await.is(200);
    assert_eq!(told["captcha"]["widgetTag"], "altcha-widget");
    let join = |email: &str, token: &str| json!({ "productId": product, "email": email, "captchaToken": token });
    let path = "/api/waitlist/signup";
    let challenge = app.anonymous().get("/api/captcha/challenge").await.is(200);
    let token = solved(&challenge);
    app.anonymous().post(path, join("a@example.com", "nonsense")).await.is(400);
    app.anonymous().post(path, join("a@example.com", &token)).await.is(200);
    app.anonymous().post(path, join("b@example.com", &token)).await.is(400);
    // A challenge we did not give, and one whose time is over.
    let mut forged = challenge;
    forged["signature"] = json!("bm90IG91cnM");
    app.anonymous()
        .post(path, join("b@example.com", &solved(&forged)))
        .await
        .is(400);
    let late = solved(&app.anonymous().get("/api/captcha/challenge").await.is(200));
    app.advance(601).await;
    app.anonymous().post(path, join("b@example.com", &late)).await.is(400);
    // A session's own address needs none.
    let mine = json!({ "productId": product });
    shop.owner.post(path, mine).await.is(200);
    assert!(sink.requests().is_empty());
    app.finish().await;
}

#[actix_rt::test]
async fn a_secret_is_never_told_and_null_switches_off() {
    let sink = Sink::start();
    let (app, shop) = asking(&sink, "turnstile").await;
    let changed = shop
        .owner
        .patch("/api/v1/integrations", json!({ "captcha_provider": null }))
        .await;
    assert!(!changed.text().contains("1x0000000000000000000000000000000AA"));
    let begun = page(&app)
        .post(
            "/api/embed/checkout-session?productSlug=paid",
            json!({ "productSlug": "paid" }),
        )
        .await
        .is(200);
    assert_eq!(begun["kind"], "paid");
    app.finish().await;
}
