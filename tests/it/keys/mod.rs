//! API keys, rule by rule of the contracts.

mod by_secret;
mod imported;
mod places;
mod rotation;

use crate::harness::{Client, TestApp};
use serde_json::{Value, json};

const KEYS: &str = "/api/v1/api-keys";

/// A member of the first object that has it.
fn find<'a>(value: &'a Value, member: &str) -> Option<&'a Value> {
    match value {
        Value::Object(members) => members
            .get(member)
            .or_else(|| members.values().find_map(|inner| find(inner, member))),
        Value::Array(items) => items.iter().find_map(|inner| find(inner, member)),
        _ => None,
    }
}

fn text(value: &Value, member: &str) -> String {
    find(value, member)
        .and_then(Value::as_str)
        .unwrap_or_else(|| panic!("no {member} in {value}"))
        .to_owned()
}

fn client(app: &TestApp, made: &Value) -> Client {
    app.anonymous().bearer(&text(made, "key"))
}

#[actix_rt::test]
async fn keys_have_the_form_of_their_contract() {
    let app = TestApp::start().await;
    let forms = [
        ("fondaco", "fo_live_", "products:read"),
        ("sellf", "sf_live_", "products:read"),
        ("openclaw", "ocb_live_", "products:read"),
        ("licentric", "lk_live_", "products:read"),
        ("bigclass", "tbc_", "read:courses"),
        ("cgls", "cgls_", ""),
    ];
    for (dialect, prefix, scope) in forms {
        let shop = app.shop("fondaco").await;
        let scopes: Vec<&str> = [scope].into_iter().filter(|scope| !scope.is_empty()).collect();
        let asked = match scopes.is_empty() {
            true => json!({ "name": "form", "dialect": dialect }),
            false => json!({ "name": "form", "dialect": dialect, "scopes": scopes }),
        };
        let made = shop.owner.post(KEYS, asked).await.is(201);
        let key = text(&made, "key");
        assert!(key.starts_with(prefix) && key.len() == prefix.len() + 64, "{key}");
        assert!(
            key[prefix.len()..]
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        );
        assert_eq!(text(&made, "key_prefix"), key[..12]);
        let listed = shop.owner.get(KEYS).await.is(200);
        assert!(!listed.to_string().contains(&key));
        let answer = shop.with(&key).get("/api/v1/me").await;
        assert_eq!(answer.status, 200, "{dialect}: {}", answer.text());
    }
    let shop = app.shop("bigclass").await;
    let refused = shop
        .owner
        .post(KEYS, json!({ "name": "t", "mode": "test", "scopes": ["read:courses"] }))
        .await;
    assert_eq!(refused.status, 422, "{}", refused.text());
    app.finish().await;
}

#[actix_rt::test]
async fn a_mistyped_key_is_unknown_and_so_is_one_of_another_contract_on_a_path_of_its_own() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let mut wrong = shop.key.clone();
    let last = if wrong.ends_with('0') { "1" } else { "0" };
    wrong.replace_range(wrong.len() - 1.., last);
    for raw in [wrong.as_str(), "sf_live_short", "nonsense", "sf_live_"] {
        let refused = app.anonymous().bearer(raw).get("/api/v1/products").await;
        assert_eq!(refused.json["error"]["code"], "INVALID_TOKEN", "{}", refused.text());
        refused.is(401);
    }
    let foreign = app.anonymous().bearer(&shop.key).get("/api/v1/courses").await;
    assert!(matches!(foreign.status, 401 | 404), "{}", foreign.text());
    app.finish().await;
}

#[actix_rt::test]
async fn scopes_follow_the_contract() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let full = shop.owner.post(KEYS, json!({ "name": "full" })).await.is(201);
    client(&app, &full).get("/api/v1/audit-log").await.is(200);
    for scopes in [json!([]), json!(["products:burn"]), json!("products:read")] {
        let refused = shop.owner.post(KEYS, json!({ "name": "none", "scopes": scopes })).await;
        assert_eq!(refused.json["error"]["code"], "VALIDATION_ERROR", "{}", refused.text());
        refused.is(400);
    }
    let writer = shop.key("sellf", &["products:write"]).await;
    writer.get("/api/v1/products").await.is(200);
    let licentric = app.shop("licentric").await;
    let made = licentric
        .owner
        .post(KEYS, json!({ "name": "none", "scopes": [] }))
        .await
        .is(201);
    client(&app, &made).get("/api/v1/products").await.is(200);
    let writer = licentric.key("licentric", &["products:write"]).await;
    writer.get("/api/v1/products").await.is(403);
    let openclaw = app.shop("openclaw").await;
    for body in [json!({ "name": "none" }), json!({ "name": "none", "scopes": [] })] {
        openclaw.owner.post("/v1/creator/api-keys", body).await.is(400);
    }
    app.finish().await;
}

#[actix_rt::test]
async fn bounds_of_a_new_key_are_checked() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    for body in [
        json!({}),
        json!({ "name": "" }),
        json!({ "name": "n".repeat(101) }),
        json!({ "name": "n", "rate_limit_per_minute": 0 }),
        json!({ "name": "n", "rate_limit_per_minute": 1001 }),
        json!({ "name": "n", "expires_at": "2026-05-19T14:23:14Z" }),
        json!({ "name": "n", "allowed_networks": ["here"] }),
        json!({ "name": "n", "dialect": "klingon" }),
    ] {
        let refused = shop.owner.post(KEYS, body.clone()).await;
        assert_eq!(
            refused.json["error"]["code"],
            "VALIDATION_ERROR",
            "{body}: {}",
            refused.text()
        );
        refused.is(400);
    }
    let made = shop
        .owner
        .post(KEYS, json!({ "name": "n", "rate_limit_per_minute": 1000 }))
        .await
        .is(201);
    assert_eq!(made["data"]["rate_limit_per_minute"], 1000);
    let usual = shop.owner.post(KEYS, json!({ "name": "n" })).await.is(201);
    assert_eq!(usual["data"]["rate_limit_per_minute"], 60);
    app.finish().await;
}

#[actix_rt::test]
async fn a_change_is_in_force_before_its_answer() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let made = shop.owner.post(KEYS, json!({ "name": "ci" })).await.is(201);
    let (path, key) = (format!("{KEYS}/{}", text(&made, "id")), client(&app, &made));
    let works = async || key.get("/api/v1/products").await.status;
    assert_eq!(works().await, 200);
    for (change, status) in [
        (json!({ "is_active": false }), 401),
        (json!({ "is_active": true }), 200),
        (json!({ "scopes": ["coupons:read"] }), 403),
        (json!({ "scopes": ["products:read"] }), 200),
        (json!({ "allowed_networks": ["203.0.113.0/24", "2001:db8::/32"] }), 401),
        (json!({ "allowed_networks": ["127.0.0.0/8"] }), 200),
        (json!({ "allowed_networks": null }), 200),
        (json!({ "expires_at": "2026-05-19T14:23:15Z" }), 200),
    ] {
        shop.owner.patch(&path, change.clone()).await.is(200);
        assert_eq!(works().await, status, "{change}");
    }
    app.advance(1).await;
    assert_eq!(works().await, 401);
    shop.owner.patch(&path, json!({ "expires_at": null })).await.is(200);
    assert_eq!(works().await, 200);
    shop.owner.patch(&path, json!({})).await.is(400);
    let gone = shop.owner.delete(&format!("{path}?reason=leaked")).await.is(200);
    assert_eq!(works().await, 401);
    assert_eq!(
        (gone["data"]["revoked"].clone(), gone["data"]["revoked_at"].is_string()),
        (json!(true), true)
    );
    let kept = shop.owner.get(&path).await.is(200);
    assert_eq!(
        (&kept["data"]["revoked_reason"], &kept["data"]["is_active"]),
        (&json!("leaked"), &json!(false))
    );
    for refused in [
        shop.owner.delete(&path).await,
        shop.owner.patch(&path, json!({ "name": "again" })).await,
        shop.owner.post(&format!("{path}/rotate"), json!({})).await,
    ] {
        assert_eq!(refused.json["error"]["code"], "VALIDATION_ERROR", "{}", refused.text());
        refused.is(400);
    }
    app.finish().await;
}

#[actix_rt::test]
async fn keys_do_not_manage_keys_and_strangers_see_none() {
    let app = TestApp::start().await;
    for (dialect, path, status) in [("sellf", KEYS, 401), ("openclaw", "/v1/creator/api-keys", 403)] {
        let (shop, other) = (app.shop(dialect).await, app.shop(dialect).await);
        shop.api.get(path).await.is(status);
        app.anonymous().get(path).await.is(401);
        let made = shop
            .owner
            .post(path, json!({ "name": "n", "scopes": ["products:read"] }))
            .await
            .is(201);
        let id = text(&made, "id");
        other.owner.delete(&format!("{path}/{id}")).await.is(404);
        // What cannot be an id is a bad one in the one contract and nobody's in the other.
        let bad = if dialect == "sellf" { 400 } else { 404 };
        shop.owner.delete(&format!("{path}/nonsense")).await.is(bad);
        shop.owner.delete(&format!("{path}/{id}")).await.is(200);
    }
    let buyer = json!({ "email": "buyer@example.com", "password": "correct horse battery staple" });
    app.anonymous().post("/api/auth/register", buyer.clone()).await.is(201);
    let login = app.anonymous().post("/api/auth/login", buyer).await.is(200);
    let buyer = app.anonymous().bearer(&text(&login, "token"));
    buyer.get(KEYS).await.is(403);
    buyer.get("/api/v1/products").await.is(401);
    app.finish().await;
}

#[actix_rt::test]
async fn lists_show_what_each_contract_shows() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let made = shop
        .owner
        .post(KEYS, json!({ "name": "one", "note": "for ci" }))
        .await
        .is(201);
    app.advance(1).await;
    shop.owner.post(KEYS, json!({ "name": "two", "mode": "test" })).await.is(201);
    shop.owner.delete(&format!("{KEYS}/{}", text(&made, "id"))).await.is(200);
    let names = async |query: &str| {
        let page = shop.owner.get(&format!("{KEYS}{query}")).await.is(200);
        let rows = page["data"].as_array().unwrap().clone();
        rows.iter()
            .map(|row| row["name"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(names("").await, ["two", "one", "full"]);
    assert_eq!(names("?include_revoked=false").await, ["two", "full"]);
    assert_eq!(names("?mode=test").await, ["two"]);
    let openclaw = app.shop("openclaw").await;
    let path = "/v1/creator/api-keys";
    let made = openclaw
        .owner
        .post(path, json!({ "name": "n", "scopes": ["products:read"] }))
        .await
        .is(201);
    assert!(made["key"].is_string() && made["api_key"]["id"].is_string(), "{made}");
    openclaw.owner.delete(&format!("{path}/{}", text(&made, "id"))).await.is(200);
    let listed = openclaw.owner.get(path).await.is(200);
    assert_eq!(listed["api_keys"].as_array().unwrap().len(), 1, "{listed}");
    app.finish().await;
}

#[actix_rt::test]
async fn use_is_counted_behind_and_survives_a_stop() {
    let mut app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let made = shop.owner.post(KEYS, json!({ "name": "ci" })).await.is(201);
    for _ in 0..3 {
        client(&app, &made).get("/api/v1/products").await.is(200);
    }
    app.restart().await;
    let login = json!({ "email": format!("owner@{}.example", shop.slug), "password": "correct horse battery staple" });
    let login = app.anonymous().post("/api/auth/login", login).await.is(200);
    let owner = app.anonymous().bearer(&text(&login, "token"));
    let kept = owner.get(&format!("{KEYS}/{}", text(&made, "id"))).await.is(200);
    assert_eq!(kept["data"]["usage_count"], 3);
    assert_eq!(kept["data"]["last_used_ip"], "127.0.0.1");
    assert_eq!(kept["data"]["last_used_at"], app.clock.now().millis_text());
    app.finish().await;
}

#[actix_rt::test]
async fn a_licentric_creation_tells_the_same_signing_keys_each_time() {
    let app = TestApp::start().await;
    let shop = app.shop("licentric").await;
    let first = shop.owner.post(KEYS, json!({ "name": "one" })).await.is(201);
    let second = shop.owner.post(KEYS, json!({ "name": "two" })).await.is(201);
    let (public, signing) = (text(&first, "publicKey"), text(&first, "signingKey"));
    assert!(public.starts_with("MCowBQYDK2VwAyEA") && public.len() == 60, "{public}");
    assert!(signing.len() == 64 && signing.bytes().all(|byte| byte.is_ascii_hexdigit()));
    assert_eq!(
        (text(&second, "publicKey"), text(&second, "signingKey")),
        (public.clone(), signing)
    );
    let other = app.shop("licentric").await;
    let theirs = other.owner.post(KEYS, json!({ "name": "one" })).await.is(201);
    assert_ne!(text(&theirs, "publicKey"), public);
    let sellf = app.shop("sellf").await;
    let made = sellf.owner.post(KEYS, json!({ "name": "one" })).await.is(201);
    assert!(find(&made, "public_key").is_none() && find(&made, "publicKey").is_none());
    app.finish().await;
}
