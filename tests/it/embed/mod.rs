//! The checkout on a shop's own pages.

use crate::harness::{Answer, Client, Shop, TestApp};
use crate::people::mails_to;
use serde_json::{Value, json};
use std::io::Write as _;
use std::process::{Command, Stdio};

const SITE: &str = "https://shop.example";

/// A shop that lets its site sell, with a product of these members beside the usual ones.
async fn shop_with(app: &TestApp, product: Value) -> Shop {
    let shop = app.shop("sellf").await;
    let origins = json!({ "embed_allowed_origins": [SITE] });
    shop.owner.patch("/api/v1/integrations", origins).await.is(200);
    make(&shop, product).await;
    shop
}

async fn make(shop: &Shop, product: Value) -> String {
    let mut body = json!({ "name": "Brushes", "description": "d", "price": 19, "currency": "USD", "embed_enabled": true });
    body.as_object_mut().unwrap().extend(product.as_object().unwrap().clone());
    let made = shop.api.post("/api/v1/products", body).await.is(201);
    made["data"]["id"].as_str().unwrap().to_owned()
}

fn site(app: &TestApp) -> Client {
    app.anonymous().header("Origin", SITE)
}

async fn open(client: &Client, slug: &str) -> Answer {
    let body = json!({ "productSlug": slug });
    client.post("/api/embed/checkout-session", body).await
}

async fn ask(client: &Client, slug: &str, email: &str, website: &str) -> Answer {
    let body = json!({ "productSlug": slug, "email": email, "website": website });
    client.post("/api/embed/free-access", body).await
}

#[actix_rt::test]
async fn a_page_of_the_shop_begins_a_purchase_that_can_be_paid() {
    let app = TestApp::start().await;
    let shop = shop_with(&app, json!({ "slug": "brushes" })).await;
    let answer = open(&site(&app), "brushes").await;
    assert_eq!(answer.header("access-control-allow-origin"), SITE);
    let told = answer.is(200);
    assert_eq!(told["kind"], "paid");
    assert_eq!(
        told["product"],
        json!({ "slug": "brushes", "name": "Brushes", "price": 19, "currency": "USD" })
    );
    assert!(told["clientSecret"].is_string() && told["sessionId"].is_string(), "{told}");
    let page = told["url"].as_str().unwrap().strip_prefix(app.url()).unwrap().to_owned();
    let shown = app.anonymous().get(&page).await;
    assert!(
        shown
            .header("content-security-policy")
            .contains("frame-ancestors https://shop.example"),
        "{}",
        shown.header("content-security-policy")
    );
    let paid = app
        .anonymous()
        .raw(reqwest::Method::POST, &page, "card=4242424242424242&email=ada%40b.example")
        .await;
    assert_eq!(paid.status, 303, "{}", paid.text());
    let users = shop.api.get("/api/v1/system/status").await.is(200);
    assert_eq!(users["data"]["counts"]["users"]["total"], 1, "{users}");
    app.finish().await;
}

#[actix_rt::test]
async fn other_origins_and_other_products_are_refused() {
    let app = TestApp::start().await;
    let shop = shop_with(&app, json!({ "slug": "brushes" })).await;
    for (slug, more) in [
        ("hidden", json!({ "embed_enabled": false })),
        ("asleep", json!({ "is_active": false })),
        ("later", json!({ "available_from": "2030-01-01T00:00:00Z" })),
        ("gone", json!({ "available_until": "2020-01-01T00:00:00Z" })),
    ] {
        let mut product = json!({ "slug": slug });
        product.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        make(&shop, product).await;
        let told = open(&site(&app), slug).await.is(404);
        assert!(told["error"].is_string() && told["type"] == "not_found", "{slug}: {told}");
    }
    open(&site(&app), "unheard-of").await.is(404);
    let evil = app.anonymous().header("Origin", "https://evil.example");
    assert_eq!(open(&evil, "brushes").await.is(403)["type"], "origin_not_allowed");
    open(&app.anonymous(), "brushes").await.is(403);
    // Another shop's product, though that shop has named nobody.
    let other = app.shop("sellf").await;
    make(&other, json!({ "slug": "foreign" })).await;
    open(&site(&app), "foreign").await.is(403);
    app.finish().await;
}

#[actix_rt::test]
async fn bodies_are_strict() {
    let app = TestApp::start().await;
    shop_with(&app, json!({ "slug": "brushes" })).await;
    for body in [
        json!({}),
        json!({ "productSlug": "Bad Slug" }),
        json!({ "productSlug": "brushes", "amount": 1 }),
        json!({ "productSlug": "brushes", "email": "nobody" }),
        json!([]),
    ] {
        let told = site(&app).post("/api/embed/checkout-session", body).await.is(400);
        assert!(told["error"].is_string() && told["type"] == "validation_error", "{told}");
    }
    app.finish().await;
}

#[actix_rt::test]
async fn a_browser_is_told_before_it_calls() {
    let app = TestApp::start().await;
    shop_with(&app, json!({ "slug": "brushes" })).await;
    for path in ["/api/embed/checkout-session", "/api/embed/free-access"] {
        let good = site(&app).call("OPTIONS", &format!("{path}?productSlug=brushes"), None).await;
        assert_eq!(good.status, 204);
        assert_eq!(good.header("access-control-allow-origin"), SITE);
        assert_eq!(good.header("access-control-allow-methods"), "POST, OPTIONS");
        assert_eq!(
            good.header("access-control-allow-headers"),
            "Content-Type, X-Sellf-Embed-Version"
        );
        assert_eq!(good.header("access-control-max-age"), "600");
        for query in ["", "?productSlug=nothing"] {
            site(&app).call("OPTIONS", &format!("{path}{query}"), None).await.is(403);
        }
        let evil = app.anonymous().header("Origin", "https://evil.example");
        evil.call("OPTIONS", &format!("{path}?productSlug=brushes"), None)
            .await
            .is(403);
    }
    app.finish().await;
}

#[actix_rt::test]
async fn an_address_begins_thirty_purchases_in_five_minutes() {
    let app = TestApp::start().await;
    shop_with(&app, json!({ "slug": "brushes" })).await;
    for _ in 0..30 {
        open(&site(&app), "brushes").await.is(200);
    }
    let refused = open(&site(&app), "brushes").await;
    assert!(refused.header("retry-after").parse::<u64>().unwrap() <= 300);
    assert_eq!(refused.is(429)["type"], "rate_limited");
    app.advance(300).await;
    open(&site(&app), "brushes").await.is(200);
    app.finish().await;
}

#[actix_rt::test]
async fn a_free_product_is_given_and_its_link_signs_in() {
    let app = TestApp::start().await;
    let shop = shop_with(&app, json!({ "slug": "gift", "price": 0 })).await;
    let told = open(&site(&app), "gift").await.is(200);
    assert_eq!(told["kind"], "free");
    assert_eq!(told["captcha"]["provider"], "none");
    let told = ask(&site(&app), "gift", "Ada@B.example", "").await.is(200);
    assert_eq!((&told["success"], &told["productName"]), (&json!(true), &json!("Brushes")));
    app.deliver_due().await;
    let mails = mails_to(&app, "ada@b.example");
    let link = mails.iter().find(|mail| mail.contains("/auth/link?token=")).unwrap();
    let token = link.split("token=").nth(1).unwrap().split_whitespace().next().unwrap();
    let signed = app
        .anonymous()
        .post("/api/auth/link", json!({ "token": token }))
        .await
        .is(200);
    assert_eq!(signed["data"]["user"]["email"], "ada@b.example", "{signed}");
    let status = shop.api.get("/api/v1/system/status").await.is(200);
    assert_eq!(status["data"]["counts"]["users"]["total"], 1);
    app.finish().await;
}

#[actix_rt::test]
async fn a_robot_is_told_the_same_and_gets_nothing() {
    let app = TestApp::start().await;
    let shop = shop_with(&app, json!({ "slug": "gift", "price": 0 })).await;
    let human = ask(&site(&app), "gift", "ada@b.example", "").await.is(200);
    let robot = ask(&site(&app), "gift", "bot@b.example", "https://spam.example")
        .await
        .is(200);
    assert_eq!(human, robot);
    app.deliver_due().await;
    assert!(mails_to(&app, "bot@b.example").is_empty());
    let status = shop.api.get("/api/v1/system/status").await.is(200);
    assert_eq!(status["data"]["counts"]["users"]["total"], 1);
    app.finish().await;
}

#[actix_rt::test]
async fn what_costs_something_is_not_given_away_and_gifts_are_counted() {
    let app = TestApp::start().await;
    let shop = shop_with(&app, json!({ "slug": "brushes" })).await;
    ask(&site(&app), "brushes", "ada@b.example", "").await.is(404);
    make(&shop, json!({ "slug": "gift", "price": 0 })).await;
    for number in 0..5 {
        ask(&site(&app), "gift", &format!("{number}@b.example"), "").await.is(200);
    }
    ask(&site(&app), "gift", "5@b.example", "").await.is(429);
    app.finish().await;
}

#[actix_rt::test]
async fn the_script_is_small_cacheable_and_sound() {
    let app = TestApp::start().await;
    let script = app.anonymous().get("/embed/v1/checkout.js").await;
    assert_eq!(script.status, 200);
    assert!(script.header("content-type").starts_with("application/javascript"));
    assert_eq!(script.header("cache-control"), "public, max-age=3600");
    assert!(script.body.len() < 16 * 1024, "{} bytes", script.body.len());
    for name in [
        "data-product-slug",
        "data-modal",
        "data-button-label",
        "data-show-price",
        "X-Sellf-Embed-Version",
    ] {
        assert!(script.text().contains(name), "{name}");
    }
    mounts(&script.text());
    app.finish().await;
}

/// Lets the script mount a free product in a page of straw, where there is Node.
fn mounts(script: &str) {
    let command = Command::new("node")
        .arg("-")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let Ok(mut node) = command else { return };
    let page = include_str!("page.js").replace("/*SCRIPT*/", &serde_json::to_string(script).unwrap());
    node.stdin.take().unwrap().write_all(page.as_bytes()).unwrap();
    let said = node.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    assert_eq!(
        said.trim(),
        "mounted and asked https://shop.test/api/embed/checkout-session?productSlug=gift"
    );
}
