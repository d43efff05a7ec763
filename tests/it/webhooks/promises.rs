//! What holds for endpoints and their log in every dialect alike.

use super::{act, endpoint_id, newest};
use crate::harness::{Reply, TestApp};
use serde_json::{Value, json};

const DIALECTS: [&str; 6] = ["fondaco", "sellf", "openclaw", "licentric", "bigclass", "cgls"];

/// A product in the shop's own form.
fn product(dialect: &str, name: &str) -> Value {
    match dialect {
        "licentric" => json!({ "name": name, "code": name }),
        "openclaw" => json!({ "title": name, "slug": name, "price_cents": 900 }),
        _ => json!({ "name": name, "slug": name, "price": 9 }),
    }
}

#[actix_rt::test]
async fn a_star_brings_what_the_contract_lists_in_every_dialect() {
    let app = TestApp::start().await;
    for dialect in DIALECTS {
        let shop = app.shop(dialect).await;
        let sink = app.sink().await;
        let made = shop
            .owner
            .post("/api/v1/webhooks", json!({ "url": sink.url(), "events": ["*"] }))
            .await;
        assert!(matches!(made.status, 200 | 201), "{dialect}: {}", made.text());
    }
    let shop = app.shop("sellf").await;
    let sink = app.sink().await;
    shop.endpoint(sink.url(), &["*"]).await;
    shop.product("brushes").await;
    app.deliver_due().await;
    assert_eq!(sink.only().header("x-sellf-event"), "product.created");
    app.finish().await;
}

#[actix_rt::test]
async fn every_dialect_has_all_fields_of_an_endpoint() {
    let app = TestApp::start().await;
    for (dialect, is_camel) in DIALECTS.map(|name| (name, matches!(name, "licentric" | "bigclass" | "cgls"))) {
        let name = |snake: &str| match is_camel {
            false => snake.to_owned(),
            true => camel(snake),
        };
        let shop = app.shop(dialect).await;
        let sink = app.sink().await;
        let selected = if dialect == "cgls" { "productId" } else { "id" };
        let asked = json!({
            "url": sink.url(), "events": ["product.created"], "description": "Book keeping",
            name("custom_headers"): { "X-Source": "shop" }, name("custom_payload_fields"): { "source": "shop" },
            name("payload_field_selection"): [selected], name("product_filter_mode"): "all",
        });
        let made = shop.owner.post("/api/v1/webhooks", asked).await;
        assert!(matches!(made.status, 200 | 201), "{dialect}: {}", made.text());
        let shown = made.json.to_string();
        for member in [
            "description",
            "custom_payload_fields",
            "payload_field_selection",
            "product_filter_mode",
        ] {
            assert!(
                shown.contains(&format!("\"{}\":", name(member))),
                "{dialect}: {member} in {shown}"
            );
        }
        assert!(
            shown.contains("Book keeping") && shown.contains("X-Source"),
            "{dialect}: {shown}"
        );
        let made = shop.owner.post("/api/v1/products", product(dialect, "brushes")).await;
        assert!(matches!(made.status, 200 | 201), "{dialect}: {}", made.text());
        app.deliver_due().await;
        let sent = sink.only();
        assert_eq!(
            (sent.header("x-source"), &sent.json()["source"]),
            ("shop", &json!("shop")),
            "{dialect}"
        );
        assert_eq!(sent.json()["data"].as_object().unwrap().len(), 1, "{dialect}");
    }
    app.finish().await;
}

fn camel(snake: &str) -> String {
    let mut parts = snake.split('_');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |word, part| word + &part[..1].to_uppercase() + &part[1..])
}

#[actix_rt::test]
async fn a_second_rotation_cuts_no_overlap_short() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let sink = app.sink().await;
    let mut secrets = vec![shop.endpoint(sink.url(), &["product.created"]).await];
    let path = format!("/api/v1/webhooks/{}/rotate-secret", endpoint_id(&shop.api).await);
    for hours in [2, 1] {
        let rotated = shop.api.post(&path, json!({ "overlap_hours": hours })).await.is(200);
        secrets.push(rotated["data"]["secret"].as_str().unwrap().to_owned());
    }
    shop.product("one").await;
    app.deliver_due().await;
    for secret in &secrets {
        sink.only().is_signed_by(secret);
        sink.only().is_branded_by("x-fondaco-signature", secret);
    }
    // The second ends before the first.
    app.advance(3_600).await;
    shop.product("two").await;
    app.deliver_due().await;
    let sent = sink.requests()[1].clone();
    sent.is_signed_by(&secrets[0]);
    sent.is_signed_by(&secrets[2]);
    assert_eq!(sent.header("webhook-signature").split(' ').count(), 2);
    for _ in 0..3 {
        shop.api.post(&path, json!({ "overlap_hours": 24 })).await.is(200);
    }
    shop.api.post(&path, json!({ "overlap_hours": 24 })).await.is(409);
    shop.api.post(&path, json!({ "overlap_hours": 0 })).await.is(200);
    shop.product("three").await;
    app.deliver_due().await;
    assert_eq!(sink.requests()[2].header("webhook-signature").split(' ').count(), 1);
    app.finish().await;
}

#[actix_rt::test]
async fn a_refusal_says_so_in_the_log_and_each_try_has_an_id_of_its_own() {
    let app = TestApp::start().await;
    let shop = app.shop("bigclass").await;
    let sink = app.sink().await;
    sink.answers([Reply::Status(500), Reply::Status(302), Reply::Status(503)]);
    shop.endpoint(sink.url(), &["product.created"]).await;
    shop.owner
        .post("/api/v1/products", product("bigclass", "brushes"))
        .await
        .is(201);
    app.deliver_due().await;
    let native = shop.key("fondaco", &["webhooks:read", "webhooks:write"]).await;
    let log = newest(&native, "").await;
    assert_eq!(log["error_message"], "The endpoint answered 500.");
    let whole = native
        .get(&format!("/api/v1/webhooks/logs/{}", log["id"].as_str().unwrap()))
        .await
        .is(200);
    let attempt = &whole["data"]["attempts"][0];
    assert_eq!(
        (&attempt["error_class"], &attempt["error"]),
        (&json!("server_error"), &json!("The endpoint answered 500."))
    );
    let header = |place: usize| sink.requests()[place].header("x-tbc-delivery").to_owned();
    let id = attempt["id"].as_str().unwrap().replace('-', "");
    assert_eq!(header(0), format!("evd_{id}"));
    app.advance(60).await;
    assert_ne!(header(0), header(1));
    assert_eq!(
        sink.requests()[0].header("webhook-id"),
        sink.requests()[1].header("webhook-id")
    );
    let told = act(&native, &log, "retry").await;
    assert!(matches!(told.status, 200 | 400), "{}", told.text());
    app.advance(86_400).await;
    app.finish().await;
}

#[actix_rt::test]
async fn errors_come_as_problems_to_those_who_ask() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let asking = shop.api.header("Accept", "application/json, application/problem+json");
    let refused = asking.get("/api/v1/products/no-such").await;
    assert_eq!(refused.header("content-type"), "application/problem+json");
    let status = refused.status;
    let body = refused.json;
    assert_eq!((&body["status"], &body["type"]), (&json!(status), &json!("about:blank")));
    assert!(body["title"].is_string() && body["detail"].is_string() && body["request_id"].is_string());
    let wrong = asking.post("/api/v1/products", json!({})).await.is(400);
    assert!(wrong["errors"]["name"].is_array(), "{wrong}");
    let usual = shop.api.get("/api/v1/products/no-such").await;
    assert_eq!(usual.header("content-type"), "application/json");
    asking.get("/api/v1/products").await.is(200);
    app.finish().await;
}

#[actix_rt::test]
async fn long_names_and_heavy_fields_are_refused() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let name = format!("https://{}example.com/hook", "abcdefghi.".repeat(25));
    let asked = json!({ "url": name, "events": ["*"] });
    shop.api.post("/api/v1/webhooks", asked).await.is(400);
    let heavy = json!({ "url": "https://example.com/", "events": ["*"], "custom_payload_fields": { "a": "x".repeat(17_000) } });
    shop.api.post("/api/v1/webhooks", heavy).await.is(400);
    app.finish().await;
}

#[actix_rt::test]
async fn each_action_of_the_marketplace_has_its_noun() {
    let app = TestApp::start().await;
    let shop = app.shop("openclaw").await;
    let sink = app.sink().await;
    shop.endpoint(sink.url(), &["product.created"]).await;
    let page = shop.owner.get("/api/v1/webhooks").await.is(200);
    let id = page["webhooks"][0]["id"].as_str().unwrap().to_owned();
    let tried = shop
        .owner
        .post(&format!("/api/v1/webhooks/{id}/test"), json!({}))
        .await
        .is(200);
    assert_eq!(tried["result"]["success"], true, "{tried}");
    let path = format!("/api/v1/webhooks/{id}/rotate-secret");
    let rotated = shop.owner.post(&path, json!({ "overlap_hours": 1 })).await.is(200);
    assert!(rotated["webhook"]["secret"].is_string(), "{rotated}");
    app.finish().await;
}

#[actix_rt::test]
async fn a_name_of_a_buyer_told_with_the_order_is_told_on() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let sink = app.sink().await;
    let product = shop.product("brushes").await;
    let asked = json!({
        "url": sink.url(), "events": ["purchase.completed"],
        "custom_payload_fields": { "hello": "Dear {{first_name}}" },
    });
    shop.owner.post("/api/v1/webhooks", asked).await.is(201);
    let asked = json!({ "product_id": product, "email": "zoe@example.com", "name": "Zoe Quinn" });
    let (_, page) = shop.checkout(asked).await;
    let paid = app.anonymous().form(&page, &[("card", "4242424242424242")]).await;
    assert_eq!(paid.status, 303, "{}", paid.text());
    app.deliver_due().await;
    let body = sink.only().json();
    let buyer = &body["data"]["customer"];
    assert_eq!(
        (&buyer["firstName"], &buyer["lastName"], &body["hello"]),
        (&json!("Zoe"), &json!("Quinn"), &json!("Dear Zoe"))
    );
    app.finish().await;
}

#[actix_rt::test]
async fn the_gauges_tell_of_this_moment() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let sink = app.sink().await;
    sink.answers([500, 410]);
    shop.endpoint(sink.url(), &["product.created"]).await;
    shop.product("one").await;
    app.deliver_due().await;
    shows(&app, "fondaco_webhook_pending", "1").await;
    app.advance(60).await;
    shows(&app, "fondaco_webhook_pending", "0").await;
    shows(&app, "fondaco_webhook_endpoints_disabled", "1").await;
    app.finish().await;
}

/// Servers of one process share their gauges, and each sets them when it is asked: another may have come between.
async fn shows(app: &TestApp, series: &str, value: &str) {
    for _ in 0..20 {
        if app.metric(series).await.to_string() == value {
            return;
        }
    }
    panic!("{series} is never {value}");
}
