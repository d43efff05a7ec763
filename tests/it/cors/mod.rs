//! Calls from browsers of other origins.

use crate::harness::{Answer, Client, TestApp};
use fondaco::resources;
use reqwest::Method;
use serde_json::json;

const SHOP: &str = "https://shop.example";

async fn preflight(client: &Client, path: &str, origin: &str) -> Answer {
    let asking = client
        .header("Origin", origin)
        .header("Access-Control-Request-Method", "POST");
    asking.raw(Method::OPTIONS, path, "").await
}

#[actix_rt::test]
async fn every_route_answers_a_preflight_without_a_credential() {
    let app = TestApp::start().await;
    let own = app.url();
    // A shop's own page asks the embed routes, and only where the shop lets it.
    let asked = |op: &str| !op.starts_with("embed.");
    for route in resources::routes().iter().filter(|route| asked(route.op)) {
        let path = route.path.replace(":.*}", "}").replace(['{', '}'], "");
        let answer = preflight(&app.anonymous(), &path, own).await;
        assert_eq!(answer.status, 204, "{path}: {}", answer.text());
        assert_eq!(answer.header("access-control-allow-origin"), own, "{path}");
        assert_eq!(answer.header("access-control-allow-credentials"), "true");
        assert_eq!(answer.header("access-control-max-age"), "86400");
        assert_eq!(answer.header("vary"), "Origin");
        assert!(answer.header("access-control-allow-methods").contains("PUT"));
        for header in [
            "Content-Type",
            "Authorization",
            "X-API-Key",
            "Idempotency-Key",
            "X-Tenant",
            "X-Mode",
        ] {
            assert!(answer.header("access-control-allow-headers").contains(header), "{header}");
        }
        assert!(answer.body.is_empty());
        assert!(!answer.header("x-request-id").is_empty());
        let method = route.method.as_str();
        assert!(answer.header("allow").contains(method), "{path} {method}");
    }
    app.finish().await;
}

#[actix_rt::test]
async fn an_origin_nobody_named_is_never_reflected() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    for origin in ["https://evil.example", "null", "https://shop.example.evil.example"] {
        let asked = preflight(&app.anonymous(), "/api/v1/products", origin).await;
        assert_eq!((asked.status, asked.header("access-control-allow-origin")), (204, ""));
        let answered = shop.api.header("Origin", origin).get("/api/v1/products").await;
        assert_eq!((answered.status, answered.header("access-control-allow-origin")), (200, ""));
        assert_eq!(answered.header("vary"), "Origin");
    }
    app.finish().await;
}

#[actix_rt::test]
async fn a_tenants_origins_read_his_answers_and_no_other_tenants() {
    let app = TestApp::start().await;
    let (shop, other) = (app.shop("sellf").await, app.shop("sellf").await);
    let changed = shop
        .owner
        .patch("/api/v1/integrations", json!({ "embed_allowed_origins": [SHOP] }))
        .await
        .is(200);
    assert_eq!(changed["data"]["changed_fields"], json!(["embed_allowed_origins"]));
    let allowed = |answer: &Answer| answer.header("access-control-allow-origin").to_owned();
    assert_eq!(allowed(&preflight(&app.anonymous(), "/api/v1/products", SHOP).await), SHOP);
    let answer = shop.api.header("Origin", SHOP).get("/api/v1/products").await;
    assert_eq!(allowed(&answer), SHOP);
    let exposed = answer.header("access-control-expose-headers");
    for header in ["X-RateLimit-Remaining", "RateLimit", "Retry-After", "X-Request-Id"] {
        assert!(exposed.contains(header), "{header}");
    }
    // A refusal of his credential is his answer too; one of nobody's is readable, so that a page can say so.
    assert_eq!(
        allowed(&shop.api.header("Origin", SHOP).get("/api/v1/products/x").await),
        SHOP
    );
    assert_eq!(
        allowed(&app.anonymous().header("Origin", SHOP).get("/api/v1/products").await),
        SHOP
    );
    let foreign = other.api.header("Origin", SHOP).get("/api/v1/products").await;
    assert_eq!((foreign.status, allowed(&foreign)), (200, String::new()));
    shop.owner
        .patch("/api/v1/integrations", json!({ "embed_allowed_origins": [] }))
        .await
        .is(200);
    assert_eq!(allowed(&shop.api.header("Origin", SHOP).get("/api/v1/products").await), "");
    assert_eq!(allowed(&preflight(&app.anonymous(), "/api/v1/products", SHOP).await), "");
    app.finish().await;
}

#[actix_rt::test]
async fn integrations_take_the_contracts_fields_and_no_other() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let all = json!({
        "gtm_container_id": "GTM-ABC123", "gtm_server_container_url": "https://gtm.example", "gtm_ss_enabled": true,
        "google_ads_conversion_id": "AW-123", "google_ads_conversion_label": "label",
        "facebook_pixel_id": "12345", "facebook_capi_token": "EAAB0123456789012345", "facebook_test_event_code": "TEST1",
        "fb_capi_enabled": false, "send_conversions_without_consent": true,
        "umami_website_id": "123e4567-e89b-12d3-a456-426614174000", "umami_script_url": "http://stats.example/s.js",
        "cookie_consent_enabled": true, "consent_logging_enabled": false, "conversion_tracking_mode": "limited",
    });
    let writer = shop.key("sellf", &["integrations:write"]).await;
    let answer = writer.patch("/api/v1/integrations", all.clone()).await.is(200);
    assert_eq!(answer["data"]["id"], 1);
    let mut names: Vec<&String> = all.as_object().unwrap().keys().collect();
    names.sort();
    assert_eq!(answer["data"]["changed_fields"], json!(names));
    assert!(!answer.to_string().contains("EAAB"));
    for (field, value) in [
        ("gtm_container_id", json!("gtm-1")),
        ("gtm_server_container_url", json!("http://gtm.example")),
        ("gtm_ss_enabled", json!("yes")),
        ("google_ads_conversion_id", json!("123")),
        ("facebook_pixel_id", json!("abc")),
        ("facebook_capi_token", json!("short")),
        ("umami_website_id", json!("x")),
        ("conversion_tracking_mode", json!("some")),
        ("unknown_field", json!(1)),
    ] {
        let refused = writer.patch("/api/v1/integrations", json!({ field: value })).await;
        assert_eq!(refused.json["error"]["code"], "INVALID_INPUT", "{field}: {}", refused.text());
        assert!(
            refused.json["error"]["details"][field].is_array(),
            "{field}: {}",
            refused.text()
        );
        refused.is(400);
    }
    writer.patch("/api/v1/integrations", json!({})).await.is(400);
    writer
        .patch("/api/v1/integrations", json!({ "gtm_container_id": "" }))
        .await
        .is(200);
    let bad = writer
        .patch(
            "/api/v1/integrations",
            json!({ "embed_allowed_origins": ["http://shop.example"] }),
        )
        .await;
    assert_eq!(bad.json["error"]["code"], "INVALID_INPUT");
    writer.get("/api/v1/integrations").await.is(405);
    shop.key("sellf", &["products:write"])
        .await
        .patch("/api/v1/integrations", all)
        .await
        .is(403);
    app.finish().await;
}
