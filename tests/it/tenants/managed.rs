//! What the operator does with tenants.

use crate::dialects::contract::{Refusal, is_refused};
use crate::harness::TestApp;
use serde_json::{Value, json};

fn tenant(slug: &str) -> Value {
    let owner = json!({ "email": format!("owner@{slug}.example"), "password": "a password of eight" });
    json!({ "name": "Shop", "slug": slug, "dialect": "sellf", "owner": owner })
}

#[actix_rt::test]
async fn a_tenant_is_made_with_its_owner() {
    let app = TestApp::start().await;
    let made = app.operator().post("/operator/v1/tenants", tenant("my-shop")).await.is(201);
    let expected = json!({ "data": {
        "id": made["data"]["id"], "slug": "my-shop", "name": "Shop", "dialect": "sellf",
        "created_at": "2026-05-19T14:23:14.000Z",
    } });
    assert_eq!(made, expected);
    let login = json!({ "email": "Owner@My-Shop.example", "password": "a password of eight" });
    let session = app.anonymous().post("/api/auth/login", login).await.is(200);
    let owner = app.anonymous().bearer(session["data"]["token"].as_str().unwrap());
    let me = owner.get("/api/v1/me").await.is(200);
    assert!(me.to_string().contains("my-shop"), "{me}");
    app.finish().await;
}

#[actix_rt::test]
async fn a_slug_is_one_tenants() {
    let app = TestApp::start().await;
    app.operator().post("/operator/v1/tenants", tenant("my-shop")).await.is(201);
    let again = app.operator().post("/operator/v1/tenants", tenant("my-shop")).await;
    assert_eq!(again.status, 409, "{}", again.text());
    for slug in ["", "-a", "a b", "ä", "Å", "a..b", "a/b"] {
        let answer = app.operator().post("/operator/v1/tenants", tenant(slug)).await;
        is_refused(&answer, "fondaco", Refusal::Field, slug);
    }
    let all = app.operator().get("/operator/v1/tenants").await.is(200);
    assert_eq!(all["data"].as_array().map(Vec::len), Some(1));
    app.finish().await;
}

#[actix_rt::test]
async fn only_the_operator_manages_tenants() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let refused = app.anonymous().post("/operator/v1/tenants", tenant("x")).await;
    is_refused(&refused, "fondaco", Refusal::Anonymous, "nobody");
    for client in [&shop.owner, &shop.api, &app.anonymous().bearer("wrong")] {
        let refused = client.post("/operator/v1/tenants", tenant("x")).await;
        is_refused(&refused, "fondaco", Refusal::BadCredential, "somebody else");
    }
    app.finish().await;
}

#[actix_rt::test]
async fn a_suspended_tenants_keys_and_sessions_do_nothing() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    shop.api.get("/api/v1/products").await.is(200);
    let path = format!("/operator/v1/tenants/{}", shop.tenant);
    app.operator().patch(&path, json!({ "suspended": true })).await.is(200);
    shop.api.get("/api/v1/products").await.is(403);
    shop.owner.get("/api/v1/products").await.is(403);
    app.operator().patch(&path, json!({ "suspended": false })).await.is(200);
    shop.api.get("/api/v1/products").await.is(200);
    app.finish().await;
}
