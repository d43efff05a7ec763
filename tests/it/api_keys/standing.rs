//! How long a key is good, and how often.

use crate::dialects::contract::{Refusal, is_refused};
use crate::harness::TestApp;
use serde_json::json;

#[actix_rt::test]
async fn a_plaintext_is_shown_once() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let made = shop.owner.post("/api/v1/api-keys", json!({ "name": "k" })).await.is(201);
    let (id, key) = (made["data"]["id"].as_str().unwrap(), made["data"]["key"].as_str().unwrap());
    let list = shop.owner.get("/api/v1/api-keys").await.is(200);
    let one = shop.owner.get(&format!("/api/v1/api-keys/{id}")).await.is(200);
    let changed = shop
        .owner
        .patch(&format!("/api/v1/api-keys/{id}"), json!({ "name": "l" }))
        .await
        .is(200);
    for shown in [list, one, changed] {
        assert!(shown.to_string().contains(id), "{shown}");
        assert!(!shown.to_string().contains(key), "{shown}");
    }
    app.finish().await;
}

#[actix_rt::test]
async fn a_revoked_key_is_refused_from_the_answer_on() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let (id, key) = shop.minted(&app, json!({ "name": "k", "dialect": "sellf" })).await;
    let client = shop.with(&key);
    client.get("/api/v1/products").await.is(200);
    let path = format!("/api/v1/api-keys/{id}");
    let told = shop.owner.delete(&path).await.is(200);
    assert_eq!(told["data"]["revoked"], true);
    is_refused(
        &client.get("/api/v1/products").await,
        "sellf",
        Refusal::BadCredential,
        "revoked",
    );
    let again = shop.owner.delete(&path).await;
    is_refused(&again, "sellf", Refusal::Field, "revoked twice");
    shop.owner.patch(&path, json!({ "is_active": true })).await.is(400);
    app.finish().await;
}

#[actix_rt::test]
async fn a_key_ends_at_its_moment() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let asked = json!({ "name": "k", "dialect": "fondaco", "expires_at": "2026-05-19T14:24:14Z" });
    let (_, key) = shop.minted(&app, asked).await;
    app.advance(59).await;
    shop.with(&key).get("/api/v1/products").await.is(200);
    app.advance(1).await;
    is_refused(
        &shop.with(&key).get("/api/v1/products").await,
        "fondaco",
        Refusal::BadCredential,
        "ended",
    );
    app.finish().await;
}

#[actix_rt::test]
async fn a_minute_admits_what_it_says_and_the_next_begins_anew() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let asked = json!({ "name": "k", "dialect": "sellf", "rate_limit_per_minute": 3 });
    let (_, key) = shop.minted(&app, asked).await;
    let client = shop.with(&key);
    for left in ["2", "1", "0"] {
        let answer = client.get("/api/v1/products").await;
        assert_eq!((answer.status, answer.header("x-ratelimit-remaining")), (200, left));
    }
    let refused = client.get("/api/v1/products").await;
    is_refused(&refused, "sellf", Refusal::Limit, "the fourth");
    assert_eq!(refused.header("retry-after"), "46", "the minute began 14 seconds ago");
    assert_eq!(
        refused.json["error"]["message"],
        "Rate limit exceeded. Maximum 3 requests per minute."
    );
    app.advance(45).await;
    client.get("/api/v1/products").await.is(429);
    app.advance(1).await;
    client.get("/api/v1/products").await.is(200);
    app.finish().await;
}

#[actix_rt::test]
async fn the_day_of_a_big_class_key_ends_at_midnight() {
    let app = TestApp::start().await;
    let shop = app.shop("bigclass").await;
    let asked = json!({ "name": "k", "dialect": "bigclass", "rate_limit_per_day": 2, "scopes": ["read:courses"] });
    let (_, key) = shop.minted(&app, asked).await;
    let client = shop.with(&key);
    client.get("/api/v1/me").await.is(200);
    client.get("/api/v1/me").await.is(200);
    let refused = client.get("/api/v1/me").await;
    is_refused(&refused, "bigclass", Refusal::Limit, "the third");
    let seconds: u64 = refused.header("retry-after").parse().unwrap();
    assert_eq!(seconds, (9 * 60 + 36) * 60 + 46);
    assert_eq!(refused.json["error"]["retryAfterSeconds"], seconds);
    app.advance(seconds - 1).await;
    client.get("/api/v1/me").await.is(429);
    app.advance(1).await;
    client.get("/api/v1/me").await.is(200);
    app.finish().await;
}

#[actix_rt::test]
async fn guesses_are_stopped_and_good_keys_are_not() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let guess = app.anonymous().bearer("fo_live_guess");
    for _ in 0..60 {
        guess.get("/api/v1/products").await.is(401);
    }
    guess.get("/api/v1/products").await.is(429);
    shop.api.get("/api/v1/products").await.is(200);
    shop.owner.get("/api/v1/products").await.is(200);
    app.anonymous().get("/api/v1/products").await.is(401);
    app.advance(60).await;
    guess.get("/api/v1/products").await.is(401);
    app.finish().await;
}

#[actix_rt::test]
async fn a_route_that_asks_for_nothing_minds_no_stale_key() {
    let app = TestApp::start().await;
    let stale = app.anonymous().header("X-API-Key", "fo_live_ended");
    for path in ["/healthz", "/readyz", "/metrics", "/openapi.json", "/docs/"] {
        stale.get(path).await.is(200);
    }
    stale
        .post("/api/auth/login", json!({ "email": "a@b.example", "password": "wrong" }))
        .await
        .is(401);
    app.finish().await;
}
