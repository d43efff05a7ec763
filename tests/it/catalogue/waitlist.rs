//! Waiting lists: joined by anybody, read by the shop, told once.

use super::{NOBODY, id, product};
use crate::harness::{Shop, TestApp};
use serde_json::{Value, json};
use std::fs;

const SIGNUP: &str = "/api/waitlist/signup";

fn mails(app: &TestApp) -> Vec<String> {
    let Ok(folder) = fs::read_dir(app.data().join("outbox")) else {
        return Vec::new();
    };
    let mails = folder.map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap());
    mails.filter(|mail| mail.contains("you asked to be told")).collect()
}

async fn awaited(shop: &Shop) -> String {
    id(&product(shop, "soon", json!({ "is_active": false, "enable_waitlist": true })).await)
}

#[actix_rt::test]
async fn somebody_joins_once_and_the_shop_hears_of_it_once() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let sink = app.sink().await;
    shop.endpoint(sink.url(), &["waitlist.signup"]).await;
    let product = awaited(&shop).await;
    let body = json!({ "productId": product, "email": "Ann@Example.com", "productSlug": "soon" });
    for _ in 0..2 {
        let joined = app.anonymous().post(SIGNUP, body.clone()).await.is(200);
        assert_eq!(joined["success"], true);
        assert!(joined["message"].is_string());
    }
    let list = shop.api.get("/api/v1/waitlist").await.is(200);
    let rows = list["data"].as_array().unwrap();
    assert_eq!(rows.len(), 1, "{list}");
    assert_eq!(
        (&rows[0]["email"], &rows[0]["product"]["slug"], &rows[0]["notified_at"]),
        (&json!("ann@example.com"), &json!("soon"), &Value::Null)
    );
    app.deliver_due().await;
    let data = sink.only().json()["data"].clone();
    assert_eq!(data["customer"], json!({ "email": "ann@example.com" }));
    assert_eq!(data["product"]["slug"], "soon");
    app.finish().await;
}

#[actix_rt::test]
async fn what_is_no_signup_is_told_in_a_flat_error() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let product = awaited(&shop).await;
    let closed = id(&super::product(&shop, "now", json!({})).await);
    for (body, status) in [
        (json!({ "productId": product }), 400),
        (json!({ "productId": product, "email": "ann" }), 400),
        (json!({ "productId": "x", "email": "a@b.example" }), 400),
        (json!({ "email": "a@b.example" }), 400),
        (json!({ "productId": closed, "email": "a@b.example" }), 400),
        (
            json!({ "productId": product, "email": "a@b.example", "productSlug": "other" }),
            400,
        ),
        (json!({ "productId": NOBODY, "email": "a@b.example" }), 404),
    ] {
        let told = app.anonymous().post(SIGNUP, body.clone()).await.is(status);
        assert!(
            told["error"].is_string() && told.as_object().unwrap().len() == 1,
            "{body}: {told}"
        );
    }
    for media in ["text/plain", "application/x-www-form-urlencoded"] {
        let body = json!({ "productId": product, "email": "a@b.example" });
        let client = app.anonymous().header("Content-Type", media);
        let answer = client.call("POST", SIGNUP, None).await;
        assert!(answer.is(415)["error"].is_string(), "{body}");
    }
    let garbage = app.anonymous().raw(reqwest::Method::POST, SIGNUP, "{").await.is(400);
    assert!(garbage["error"].is_string());
    app.finish().await;
}

#[actix_rt::test]
async fn a_session_needs_to_name_no_address() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let product = awaited(&shop).await;
    shop.owner.post(SIGNUP, json!({ "productId": product })).await.is(200);
    let list = shop.api.get("/api/v1/waitlist").await.is(200);
    assert_eq!(list["data"][0]["email"], format!("owner@{}.example", shop.slug));
    app.finish().await;
}

#[actix_rt::test]
async fn an_address_signs_up_five_times_in_five_hours() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let product = awaited(&shop).await;
    let join = async |number: u32| {
        let body = json!({ "productId": product, "email": format!("a{number}@b.example") });
        app.anonymous().post(SIGNUP, body).await
    };
    for number in 0..5 {
        join(number).await.is(200);
        app.advance(60).await;
    }
    let refused = join(5).await;
    assert!(refused.header("retry-after").parse::<u32>().unwrap() > 0);
    assert!(refused.is(429)["error"].is_string());
    app.advance(5 * 3600 - 5 * 60).await;
    join(5).await.is(200);
    join(6).await.is(429);
    app.finish().await;
}

#[actix_rt::test]
async fn everybody_is_told_once_when_the_product_is_there() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let product = awaited(&shop).await;
    for number in 0..3 {
        let body = json!({ "productId": product, "email": format!("a{number}@b.example") });
        app.anonymous().post(SIGNUP, body).await.is(200);
    }
    let path = format!("/api/v1/products/{product}");
    shop.api.patch(&path, json!({ "name": "Here" })).await.is(200);
    app.deliver_due().await;
    assert!(mails(&app).is_empty());
    shop.api.patch(&path, json!({ "is_active": true })).await.is(200);
    app.deliver_due().await;
    let told = mails(&app);
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(told[0].contains("Here is here"));
    for active in [false, true] {
        shop.api.patch(&path, json!({ "is_active": active })).await.is(200);
        app.deliver_due().await;
    }
    assert_eq!(mails(&app).len(), 3);
    let list = shop.api.get("/api/v1/waitlist").await.is(200);
    assert!(
        list["data"]
            .as_array()
            .unwrap()
            .iter()
            .all(|row| row["notified_at"].is_string())
    );
    app.finish().await;
}

#[actix_rt::test]
async fn the_list_is_paged_narrowed_and_exported_without_formulas() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let other = app.shop("sellf").await;
    let product = awaited(&shop).await;
    for name in ["=cmd|x", "b", "c"] {
        let body = json!({ "productId": product, "email": format!("{name}@b.example") });
        app.anonymous().post(SIGNUP, body).await.is(200);
        app.advance(1).await;
    }
    let first = shop.api.get("/api/v1/waitlist?limit=2").await.is(200);
    assert_eq!(first["pagination"]["has_more"], true);
    let found = shop.api.get("/api/v1/waitlist?search=B@").await.is(200);
    assert_eq!(found["data"].as_array().unwrap().len(), 1);
    let none = shop.api.get(&format!("/api/v1/waitlist?product_id={NOBODY}")).await.is(200);
    assert_eq!(none["data"], json!([]));
    let table = shop.api.header("Accept", "text/csv").get("/api/v1/waitlist").await;
    assert_eq!(table.status, 200);
    assert!(table.header("content-type").starts_with("text/csv"));
    assert_eq!(
        table.header("content-disposition"),
        "attachment; filename=\"waitlist-2026-05-19.csv\""
    );
    let text = table.text();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 4, "{text}");
    assert!(lines[0].starts_with("\"Email\",\"Product ID\""));
    assert!(
        lines[1].starts_with("\"c@b.example\"") && lines[3].starts_with("\"'=cmd|x@b.example\""),
        "{text}"
    );
    let theirs = other.api.header("Accept", "text/csv").get("/api/v1/waitlist").await;
    assert_eq!(theirs.text().lines().count(), 1);
    shop.key("sellf", &["coupons:read"])
        .await
        .get("/api/v1/waitlist")
        .await
        .is(403);
    app.finish().await;
}
