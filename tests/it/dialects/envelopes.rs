//! Each refusal in each dialect's envelope; nothing the framework says by itself ever leaves.

use super::contract::{ALL, Refusal, is_refused};
use crate::harness::{Shop, TestApp};
use reqwest::Method;
use serde_json::json;

/// A path of a dialect that takes GET and POST with a key.
fn products(dialect: &str) -> &'static str {
    match dialect {
        "openclaw" => "/v1/creator/products",
        "cgls" => "/listProducts",
        _ => "/api/v1/products",
    }
}

async fn shops(app: &TestApp) -> Vec<(&'static str, Shop)> {
    let mut shops = Vec::new();
    for dialect in ALL {
        shops.push((dialect, app.shop(dialect).await));
    }
    shops
}

#[actix_rt::test]
async fn a_body_of_one_byte_too_many_is_413() {
    let app = TestApp::start().await;
    for (dialect, shop) in shops(&app).await {
        let body = vec![b' '; (1 << 20) + 1];
        let answer = shop.api.raw(Method::POST, products(dialect), body.clone()).await;
        is_refused(&answer, dialect, Refusal::Size, "declared");
        let chunks = futures_util::stream::iter(
            body.chunks(1 << 16)
                .map(|chunk| Ok::<_, std::io::Error>(chunk.to_vec()))
                .collect::<Vec<_>>(),
        );
        let answer = shop
            .api
            .raw(Method::POST, products(dialect), reqwest::Body::wrap_stream(chunks))
            .await;
        is_refused(&answer, dialect, Refusal::Size, "in chunks");
    }
    app.finish().await;
}

#[actix_rt::test]
async fn an_unknown_path_is_404() {
    let app = TestApp::start().await;
    for (dialect, shop) in shops(&app).await {
        let path = match dialect {
            "openclaw" => "/v1/nowhere",
            // A verb of this contract's that is no path: it has no other sign of its own.
            "cgls" => "/listProducts/deeper",
            _ => "/api/v1/nowhere",
        };
        let answer = shop.api.get(path).await;
        is_refused(&answer, dialect, Refusal::NotFound, path);
        let answer = shop.owner.get(path).await;
        is_refused(&answer, dialect, Refusal::NotFound, path);
    }
    app.finish().await;
}

#[actix_rt::test]
async fn a_wrong_method_is_405_and_says_which_are_right() {
    let app = TestApp::start().await;
    for (dialect, shop) in shops(&app).await {
        for method in ["PUT", "get", "BREW"] {
            let answer = shop.api.call(method, products(dialect), None).await;
            is_refused(&answer, dialect, Refusal::Method, method);
            let allowed = answer.header("allow");
            assert!(allowed.contains("GET") && allowed.contains("POST"), "{dialect}: {allowed}");
        }
    }
    app.finish().await;
}

#[actix_rt::test]
async fn what_is_no_json_object_is_malformed() {
    let app = TestApp::start().await;
    for (dialect, shop) in shops(&app).await {
        let path = match dialect {
            "cgls" => "/createProduct",
            _ => products(dialect),
        };
        for body in [
            "{\"name\": ",
            "[]",
            "\"text\"",
            "nothing",
            "{\"a\": 1e999}",
            "{\"a\": \"\\u0000\"}",
            "{\"\\u0000\": 1}",
        ] {
            let answer = shop.api.raw(Method::POST, path, body).await;
            is_refused(&answer, dialect, Refusal::Malformed, body);
        }
        let deep = format!("{{\"metadata\": {}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
        let answer = shop.api.raw(Method::POST, path, deep).await;
        is_refused(&answer, dialect, Refusal::Malformed, "deep");
        assert_eq!(app.metric("fondaco_http_requests_total{class=\"5xx\"}").await, 0.0);
    }
    app.finish().await;
}

#[actix_rt::test]
async fn headers_beyond_reason_are_refused_in_words() {
    let app = TestApp::start().await;
    for (dialect, shop) in shops(&app).await {
        let long = "x".repeat(40 * 1024);
        let answer = shop.api.header("X-Long", &long).get(products(dialect)).await;
        is_refused(&answer, dialect, Refusal::Size, "one long header");
        let answer = shop.api.header("Cookie", &long).get(products(dialect)).await;
        is_refused(&answer, dialect, Refusal::Size, "one long cookie");
        let many = (0..85).fold(shop.api.clone(), |client, n| client.header(&format!("X-Many-{n}"), "1"));
        let answer = many.get(products(dialect)).await;
        is_refused(&answer, dialect, Refusal::Size, "many headers");
        let answer = shop
            .api
            .get(&format!("{}?search={}", products(dialect), "x".repeat(20_000)))
            .await;
        is_refused(&answer, dialect, Refusal::Size, "a long query");
    }
    app.finish().await;
}

#[actix_rt::test]
async fn a_cursor_that_is_none_is_refused() {
    let app = TestApp::start().await;
    for dialect in ["fondaco", "sellf", "licentric"] {
        let shop = app.shop(dialect).await;
        for cursor in [
            "%21%21%21",
            "eyJpZCI6IngifQ",
            "00000000-0000-7000-8000-000000000000",
            "%00",
            &"A".repeat(5000),
        ] {
            let answer = shop.api.get(&format!("/api/v1/products?cursor={cursor}")).await;
            is_refused(&answer, dialect, Refusal::Malformed, cursor);
        }
    }
    app.finish().await;
}

#[actix_rt::test]
async fn a_taken_name_is_a_conflict() {
    let app = TestApp::start().await;
    for (dialect, path, body) in [
        (
            "fondaco",
            "/api/v1/products",
            json!({ "name": "One", "slug": "one", "price": 1 }),
        ),
        (
            "sellf",
            "/api/v1/products",
            json!({ "name": "One", "slug": "one", "price": 1 }),
        ),
        ("openclaw", "/v1/creator/products", json!({ "title": "One", "slug": "one" })),
        ("licentric", "/api/v1/products", json!({ "name": "One", "code": "one" })),
        ("cgls", "/createProduct", json!({ "name": "One", "slug": "one" })),
    ] {
        let shop = app.shop(dialect).await;
        let made = shop.api.post(path, body.clone()).await;
        assert!(matches!(made.status, 200 | 201), "{dialect}: {}", made.text());
        let again = shop.api.post(path, body).await;
        is_refused(&again, dialect, Refusal::Taken, path);
    }
    app.finish().await;
}

#[actix_rt::test]
async fn a_dialect_nobody_knows_is_refused_by_name() {
    let app = TestApp::start().await;
    let owner = json!({ "email": "a@b.example", "password": "long enough" });
    let asked = json!({ "name": "X", "slug": "x", "dialect": "klingon", "owner": owner });
    let answer = app.operator().post("/operator/v1/tenants", asked).await;
    is_refused(&answer, "fondaco", Refusal::Field, "tenant");
    assert!(answer.text().contains("licentric"), "{}", answer.text());
    let shop = app.shop("fondaco").await;
    let answer = shop
        .owner
        .post("/api/v1/api-keys", json!({ "name": "k", "dialect": "klingon" }))
        .await;
    is_refused(&answer, "fondaco", Refusal::Field, "key");
    app.anonymous().get("/openapi.json?dialect=klingon").await.is(404);
    app.finish().await;
}
