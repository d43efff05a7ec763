//! The requests that the five published documents print, replayed as they stand there.

use crate::harness::TestApp;
use fondaco::resources::routes;
use reqwest::Method;
use serde_json::{Value, json};

/// The moment at which every test begins, as most dialects write it.
const NOW: &str = "2026-05-19T14:23:14.000Z";

const LICENTRIC_PRODUCT: &str = r#"{
"name": "Desktop App Pro",
"code": "desktop-app-pro",
"description": "Professional desktop application with advanced features",
"keyPrefix": "DSK",
"metadata": { "category": "productivity" }
}"#;

const SELLF_KEY: &str = r#"{
"name": "CI/CD Pipeline",
"scopes": ["products:read", "products:write"],
"rate_limit_per_minute": 120
}"#;

#[actix_rt::test]
async fn the_licentric_product_is_created_and_listed_as_printed() {
    let app = TestApp::start().await;
    let shop = app.shop("licentric").await;
    let made = shop.api.raw(Method::POST, "/api/v1/products", LICENTRIC_PRODUCT).await;
    let body = made.is(201);
    let product = json!({
        "id": body["data"]["id"],
        "name": "Desktop App Pro",
        "code": "desktop-app-pro",
        "description": "Professional desktop application with advanced features",
        "keyPrefix": "DSK",
        "accountId": shop.tenant,
        "licensesCount": 0,
        "createdAt": NOW,
        "updatedAt": NOW,
        "deletedAt": null,
        "metadata": { "category": "productivity" },
    });
    assert_eq!(body, json!({ "data": product }));
    let page = json!({ "data": [product], "pagination": { "nextCursor": null, "hasMore": false } });
    shop.api.get("/api/v1/products?limit=25").await.equals(200, page);
    app.finish().await;
}

#[actix_rt::test]
async fn the_sellf_key_is_created_with_a_session_cookie() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let session = app.anonymous().header("Cookie", &format!("theme=dark; {}", shop.cookie));
    let body = session.raw(Method::POST, "/api/v1/api-keys", SELLF_KEY).await.is(201);
    let key = body["data"]["key"].as_str().unwrap();
    assert!(key.starts_with("sf_live_") && key.len() == 72, "{key}");
    for (member, expected) in [
        ("name", json!("CI/CD Pipeline")),
        ("key_prefix", json!(key[..12])),
        ("scopes", json!(["products:read", "products:write"])),
        ("rate_limit_per_minute", json!(120)),
        ("created_at", json!(NOW)),
    ] {
        assert_eq!(body["data"][member], expected, "{member}");
    }
    app.finish().await;
}

#[actix_rt::test]
async fn the_first_sellf_call_lists_products_with_either_header() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let empty = json!({
        "data": [],
        "pagination": { "cursor": null, "next_cursor": null, "has_more": false, "limit": 20, "total": 0 },
    });
    let bearer = app.anonymous().bearer(&shop.key);
    bearer.get("/api/v1/products").await.equals(200, empty.clone());
    let header = app.anonymous().header("X-API-Key", &shop.key);
    header.get("/api/v1/products").await.equals(200, empty);
    let bare = app.anonymous().header("Authorization", &shop.key);
    bare.get("/api/v1/products").await.is(200);
    app.finish().await;
}

#[actix_rt::test]
async fn the_sellf_rotation_keeps_the_old_key_through_its_grace() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let made = shop.owner.raw(Method::POST, "/api/v1/api-keys", SELLF_KEY).await.is(201);
    let (id, old) = (made["data"]["id"].as_str().unwrap(), made["data"]["key"].as_str().unwrap());
    let path = format!("/api/v1/api-keys/{id}/rotate");
    let rotated = shop
        .owner
        .raw(Method::POST, &path, r#"{ "grace_period_hours": 24 }"#)
        .await
        .is(201);
    let new = rotated["data"]["new_key"]["key"].as_str().unwrap();
    assert_eq!(
        rotated["data"]["new_key"]["scopes"],
        json!(["products:read", "products:write"])
    );
    assert_eq!(rotated["data"]["old_key"]["grace_until"], "2026-05-20T14:23:14.000Z");
    shop.with(new).get("/api/v1/products").await.is(200);
    app.advance(24 * 3600 - 1).await;
    shop.with(old).get("/api/v1/products").await.is(200);
    app.advance(1).await;
    shop.with(old).get("/api/v1/products").await.is(401);
    shop.with(new).get("/api/v1/products").await.is(200);
    app.finish().await;
}

#[actix_rt::test]
async fn the_license_servers_key_is_created_listed_and_revoked_as_printed() {
    let app = TestApp::start().await;
    let secret = crate::harness::ADMIN_SECRET;
    let owner = json!({ "email": "owner@creator.example", "password": "a password of eight" });
    let tenant = json!({ "name": "Creator", "slug": "creator_01", "dialect": "cgls", "owner": owner });
    app.operator().post("/operator/v1/tenants", tenant).await.is(201);
    let asked = json!({ "adminSecret": secret, "creatorId": "creator_01", "name": "Production Integration" });
    let made = app.anonymous().post("/createApiKey", asked).await.is(200);
    let key = made["apiKey"].as_str().unwrap();
    let expected = json!({
        "success": true, "apiKey": key, "name": "Production Integration", "creatorId": "creator_01",
    });
    assert_eq!(made, expected);
    assert!(key.starts_with("cgls_") && key.len() == "cgls_".len() + 64, "{key}");
    let anonymous = app.anonymous();
    let listed = anonymous.post("/listApiKeys", json!({ "adminSecret": secret, "creatorId": "creator_01" }));
    let listed = listed.await.is(200);
    let by_get = format!("/listApiKeys?adminSecret={secret}&creatorId=creator_01");
    app.anonymous().get(&by_get).await.equals(200, listed.clone());
    let row = json!({
        "hash": listed["keys"][0]["hash"], "name": "Production Integration", "creatorId": "creator_01", "active": true,
        "createdAt": "2026-05-19T14:23:14Z",
    });
    assert_eq!(listed, json!({ "success": true, "keys": [row], "count": 1 }));
    assert_eq!(listed["keys"][0]["hash"].as_str().map(str::len), Some(64));
    revoked(&app, key, json!({ "adminSecret": secret, "apiKeyToRevoke": key })).await;
    app.finish().await;
}

async fn revoked(app: &TestApp, key: &str, asked: Value) {
    let list = format!("/listProducts?apiKey={key}");
    app.anonymous()
        .get(&list)
        .await
        .equals(200, json!({ "success": true, "products": [], "count": 0 }));
    app.anonymous()
        .post("/revokeApiKey", asked)
        .await
        .equals(200, json!({ "success": true, "revokedCount": 1 }));
    app.anonymous().get(&list).await.is(401);
}

#[actix_rt::test]
async fn all_keys_of_a_creator_are_revoked_at_once() {
    let app = TestApp::start().await;
    let (shop, other) = (app.shop("cgls").await, app.shop("cgls").await);
    let (_, second) = shop.minted(&app, json!({ "name": "second", "dialect": "cgls" })).await;
    let asked = json!({ "adminSecret": crate::harness::ADMIN_SECRET, "creatorId": shop.slug });
    let answer = app.anonymous().post("/revokeApiKey", asked).await;
    answer.equals(200, json!({ "success": true, "revokedCount": 2 }));
    shop.api.get("/listProducts").await.is(401);
    shop.with(&second).get("/listProducts").await.is(401);
    other.api.get("/listProducts").await.is(200);
    app.finish().await;
}

#[actix_rt::test]
async fn the_first_big_class_call_is_answered_in_its_own_words() {
    let app = TestApp::start().await;
    let shop = app.shop("bigclass").await;
    let asked = json!({ "name": "CRM sync", "scopes": ["read:courses"] });
    let made = shop.owner.post("/api/v1/api-keys", asked).await.is(201);
    let key = made["data"]["key"].as_str().unwrap();
    let answer = app.anonymous().bearer(key).get("/api/v1/courses").await;
    if routes().iter().any(|route| route.path == "/api/v1/courses") {
        assert_eq!(answer.header("x-ratelimit-remaining"), "59");
        assert_eq!(answer.header("x-ratelimit-daily-remaining"), "999");
        let body = answer.is(200);
        assert_eq!((&body["data"], &body["pagination"]["hasMore"]), (&json!([]), &json!(false)));
    } else {
        assert_eq!(answer.is(404)["error"]["code"], "not_found");
    }
    app.finish().await;
}

#[actix_rt::test]
async fn every_big_class_answer_carries_both_quotas() {
    let app = TestApp::with(&[("default_dialect", "bigclass")]).await;
    let shop = app.shop("bigclass").await;
    for answer in [
        shop.api.get("/api/v1/me").await,
        shop.api.get("/api/v1/products").await,
        shop.with("tbc_nothing").get("/api/v1/products").await,
        app.anonymous().get("/api/v1/products").await,
    ] {
        for name in ["limit", "remaining", "reset", "daily-limit", "daily-remaining", "daily-reset"] {
            let value = answer.header(&format!("x-ratelimit-{name}"));
            assert!(value.parse::<u64>().is_ok(), "{name} is `{value}` beside {}", answer.text());
        }
    }
    app.finish().await;
}

#[actix_rt::test]
async fn an_openclaw_webhook_shows_its_secret_once_and_a_sixth_is_refused() {
    let app = TestApp::start().await;
    let shop = app.shop("openclaw").await;
    let path = "/v1/creator/webhooks";
    let asked = |n: u32| json!({ "url": format!("https://hooks.example/{n}"), "events": ["product.published"] });
    let made = shop.owner.post(path, asked(1)).await.is(201);
    assert!(
        made["secret"].as_str().is_some_and(|secret| secret.starts_with("whsec_")),
        "{made}"
    );
    assert_eq!(made["webhook"]["url"], "https://hooks.example/1");
    assert_eq!(made["webhook"]["is_active"], true);
    let listed = shop.owner.get(path).await.is(200);
    assert_eq!(listed["webhooks"].as_array().map(Vec::len), Some(1));
    assert!(!listed.to_string().contains("whsec_"), "{listed}");
    for n in 2..=5 {
        shop.owner.post(path, asked(n)).await.is(201);
    }
    shop.owner.post(path, asked(6)).await.is(409);
    let first = format!("{path}/{}", made["webhook"]["id"].as_str().unwrap());
    shop.owner.delete(&first).await.equals(200, json!({ "success": true }));
    shop.owner.post(path, asked(6)).await.is(201);
    app.finish().await;
}
