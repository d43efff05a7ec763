//! `Idempotency-Key`: a repetition gives the same answer and does nothing again.

use crate::harness::{Client, TestApp};
use futures_util::future::join_all;
use serde_json::{Value, json};

fn product(slug: &str) -> Value {
    json!({ "name": "Nebula brushes", "slug": slug, "price": 1900, "currency": "USD" })
}

fn keyed(client: &Client, key: &str) -> Client {
    client.header("Idempotency-Key", key)
}

async fn count(client: &Client) -> usize {
    let page = client.get("/api/v1/products").await.is(200);
    page["data"].as_array().unwrap().len()
}

#[actix_rt::test]
async fn the_same_key_and_body_give_the_stored_answer_for_a_day() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let client = keyed(&shop.api, "order-1");
    let first = client.post("/api/v1/products", product("a")).await;
    assert_eq!(first.header("idempotency-replayed"), "");
    let again = client.post("/api/v1/products", product("a")).await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!((again.status, &again.json), (first.status, &first.json));
    assert_ne!(again.header("x-request-id"), first.header("x-request-id"));
    assert_eq!(count(&shop.api).await, 1);
    app.advance(24 * 3600 - 1).await;
    assert_eq!(
        client
            .post("/api/v1/products", product("a"))
            .await
            .header("idempotency-replayed"),
        "true"
    );
    app.advance(1).await;
    // Forgotten: the product is made anew, which its slug forbids.
    client.post("/api/v1/products", product("a")).await.is(409);
    app.finish().await;
}

#[actix_rt::test]
async fn another_body_under_the_same_key_is_refused_unless_it_is_wrong_by_itself() {
    let app = TestApp::start().await;
    for (dialect, status) in [("fondaco", 422), ("sellf", 422), ("bigclass", 422), ("licentric", 422)] {
        let shop = app.shop(dialect).await;
        let client = keyed(&shop.owner, "k");
        client
            .post("/api/v1/webhooks", json!({ "url": "https://a.example", "events": ["*"] }))
            .await;
        let path = "/api/v1/api-keys";
        let scopes = json!(["read:courses"]);
        let body = |name: &str| match dialect {
            "bigclass" => json!({ "name": name, "scopes": scopes }),
            _ => json!({ "name": name }),
        };
        client.post(path, body("one")).await.is(201);
        let other = client.post(path, body("two")).await;
        assert_eq!(other.status, status, "{dialect}: {}", other.text());
        let wrong = client.post(path, json!({ "name": 7 })).await;
        let usual = shop.owner.post(path, json!({ "name": 7 })).await;
        assert_eq!(
            (wrong.status, &wrong.json["error"]["details"]),
            (usual.status, &usual.json["error"]["details"])
        );
    }
    app.finish().await;
}

#[actix_rt::test]
async fn keys_of_different_callers_paths_tenants_and_modes_do_not_meet() {
    let app = TestApp::start().await;
    let (shop, other) = (app.shop("fondaco").await, app.shop("fondaco").await);
    for client in [&shop.api, &shop.owner, &other.api, &shop.owner.header("X-Mode", "test")] {
        let slug = format!("s{}", client as *const _ as usize);
        let answer = keyed(client, "same").post("/api/v1/products", product(&slug)).await;
        assert_eq!(
            (answer.status, answer.header("idempotency-replayed")),
            (201, ""),
            "{}",
            answer.text()
        );
    }
    app.finish().await;
}

#[actix_rt::test]
async fn an_answer_with_a_secret_is_repeated_whole_and_stored_sealed() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let client = keyed(&shop.owner, "secret");
    let first = client.post("/api/v1/api-keys", json!({ "name": "ci" })).await.is(201);
    let again = client.post("/api/v1/api-keys", json!({ "name": "ci" })).await.is(201);
    assert_eq!(first, again);
    let key = first["data"]["key"].as_str().unwrap();
    app.anonymous().bearer(key).get("/api/v1/products").await.is(200);
    app.finish().await;
}

#[actix_rt::test]
async fn two_at_once_do_the_work_once() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    for round in 0..5 {
        let client = keyed(&shop.api, &format!("round-{round}"));
        let body = product(&format!("p{round}"));
        let calls = (0..8).map(|_| client.post("/api/v1/products", body.clone()));
        let answers = join_all(calls).await;
        let made = answers.iter().filter(|answer| answer.status == 201).collect::<Vec<_>>();
        assert!(!made.is_empty());
        assert!(made.iter().all(|answer| answer.json == made[0].json));
        for answer in answers.iter().filter(|answer| answer.status != 201) {
            assert_eq!((answer.status, answer.header("retry-after")), (409, "1"), "{}", answer.text());
        }
        let fresh = made.iter().filter(|answer| answer.header("idempotency-replayed").is_empty());
        assert_eq!(fresh.count(), 1);
        assert_eq!(client.post("/api/v1/products", body).await.json, made[0].json);
    }
    assert_eq!(count(&shop.api).await, 5);
    app.finish().await;
}

#[actix_rt::test]
async fn failures_are_not_kept() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    shop.product("taken").await;
    let client = keyed(&shop.api, "retry-me");
    client.post("/api/v1/products", product("taken")).await.is(409);
    client.post("/api/v1/products", product("taken")).await.is(409);
    let fixed = client.post("/api/v1/products", product("free")).await;
    assert_eq!((fixed.status, fixed.header("idempotency-replayed")), (201, ""));
    app.finish().await;
}

#[actix_rt::test]
async fn an_answer_outlives_a_restart() {
    let mut app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let first = keyed(&shop.api, "k").post("/api/v1/products", product("a")).await.is(201);
    app.restart().await;
    let client = keyed(&app.anonymous().bearer(&shop.key), "k");
    let again = client.post("/api/v1/products", product("a")).await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.json, first);
    app.finish().await;
}

#[actix_rt::test]
async fn sign_ins_are_never_kept_and_odd_keys_are_refused() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let login = json!({ "email": format!("owner@{}.example", shop.slug), "password": "correct horse battery staple" });
    let client = keyed(&shop.owner, "login");
    let answers = [
        client.post("/api/auth/login", login.clone()).await,
        client.post("/api/auth/login", login).await,
    ];
    assert!(answers.iter().all(|answer| answer.header("idempotency-replayed").is_empty()));
    keyed(&shop.api, &"k".repeat(256))
        .post("/api/v1/products", product("a"))
        .await
        .is(400);
    keyed(&shop.api, "").post("/api/v1/products", product("a")).await.is(400);
    app.finish().await;
}
