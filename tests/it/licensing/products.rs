//! Products as the primary document has them, with what it leaves open, and other accounts' ids on every route.

use super::{Desk, id};
use serde_json::{Value, json};

#[actix_rt::test]
async fn the_bounds_of_a_product_are_those_of_the_document() {
    let desk = Desk::open().await;
    let long = |count: usize| "x".repeat(count);
    for (body, status) in [
        (json!({}), 400),
        (json!({ "name": "x" }), 400),
        (json!({ "code": "x" }), 400),
        (json!({ "name": "", "code": "a" }), 400),
        (json!({ "name": 7, "code": "a" }), 400),
        (json!({ "name": long(256), "code": "a" }), 400),
        (json!({ "name": long(255), "code": "name-255" }), 201),
        (json!({ "name": "x", "code": "a b" }), 400),
        (json!({ "name": "x", "code": "é" }), 400),
        (json!({ "name": "x", "code": long(51) }), 400),
        (json!({ "name": "x", "code": long(50) }), 201),
        (json!({ "name": "x", "code": "Upper_Case-1" }), 201),
        (json!({ "name": "x", "code": "upper_case-1" }), 201),
        (json!({ "name": "x", "code": "a", "description": long(1001) }), 400),
        (json!({ "name": "x", "code": "told", "description": long(1000) }), 201),
        (json!({ "name": "x", "code": "a", "keyPrefix": "A" }), 400),
        (json!({ "name": "x", "code": "a", "keyPrefix": "ab" }), 400),
        (json!({ "name": "x", "code": "a", "keyPrefix": "A1" }), 400),
        (json!({ "name": "x", "code": "a", "keyPrefix": "ABCDEFGHIJK" }), 400),
        (json!({ "name": "x", "code": "ten", "keyPrefix": "ABCDEFGHIJ" }), 201),
        (json!({ "name": "x", "code": "a", "metadata": [] }), 400),
        (json!({ "name": "x", "code": "more", "unknown": 1 }), 201),
        (json!({ "name": "x", "code": "desk" }), 409),
    ] {
        let answer = desk.shop.api.post("/api/v1/products", body.clone()).await;
        assert_eq!(answer.status, status, "{body}");
        let told = |member: &str| answer.json[member].clone();
        if status != 201 {
            let code = if status == 400 { "VALIDATION_ERROR" } else { "CONFLICT" };
            assert_eq!(
                (told("code"), told("status")),
                (json!(code), json!(status)),
                "{}",
                answer.text()
            );
            assert!(told("error").is_string() && told("requestId").is_string());
            assert_eq!(told("details")["issues"].is_array(), status == 400);
        }
    }
    for query in [
        "limit=0",
        "limit=101",
        "limit=x",
        "cursor=x",
        "cursor=00000000-0000-4000-8000-000000000000",
    ] {
        let refused = desk.shop.api.get(&format!("/api/v1/products?{query}")).await.is(400);
        assert_eq!(refused["code"], "VALIDATION_ERROR", "{query}");
    }
    desk.app.finish().await;
}

#[actix_rt::test]
async fn a_code_stays_and_a_product_with_licences_too() {
    let desk = Desk::open().await;
    let (api, path) = (&desk.shop.api, format!("/api/v1/products/{}", desk.product));
    assert_eq!(
        api.patch(&path, json!({ "code": "other" })).await.is(400)["code"],
        "VALIDATION_ERROR"
    );
    let changed = api
        .patch(&path, json!({ "code": "desk", "keyPrefix": "NEW", "description": "d" }))
        .await
        .is(200);
    assert_eq!(
        (&changed["data"]["keyPrefix"], &changed["data"]["description"]),
        (&json!("NEW"), &json!("d"))
    );
    let issued = desk.licensed(json!({})).await;
    assert!(issued.key.starts_with("NEW-"), "{}", issued.key);
    assert_eq!(api.get(&path).await.is(200)["data"]["licensesCount"], 1);
    assert_eq!(api.delete(&path).await.is(409)["code"], "CONFLICT");
    api.delete(&format!("/api/v1/licenses/{}", issued.id)).await.is(204);
    assert_eq!(api.get(&path).await.is(200)["data"]["licensesCount"], 0);
    let gone = api.delete(&path).await;
    assert_eq!((gone.status, gone.body.len()), (204, 0));
    api.get(&path).await.is(404);
    assert_eq!(api.get("/api/v1/products").await.is(200)["data"], json!([]));
    let again = api.post("/api/v1/products", json!({ "name": "Desk", "code": "desk" })).await;
    assert_eq!(again.is(409)["code"], "CONFLICT");
    desk.app.finish().await;
}

#[actix_rt::test]
async fn nothing_of_another_account_is_there() {
    let desk = Desk::open().await;
    let policy = desk.policy(json!({})).await;
    let issued = desk.license(&policy, json!({})).await;
    let machine = id(&desk.activate(&issued.key, "machine-1").await.is(201));
    let feature = json!({ "name": "Premium", "code": "premium" });
    let feature = id(&desk.shop.api.post("/api/v1/entitlements", feature).await.is(201));
    let hook = json!({ "url": "https://hooks.example/" });
    let hook = id(&desk.shop.api.post("/api/v1/webhooks", hook).await.is(201));
    let other = desk.app.shop("licentric").await;
    let (_, test) = desk
        .shop
        .minted(&desk.app, json!({ "name": "t", "dialect": "licentric", "mode": "test" }))
        .await;
    let (product, license) = (&desk.product, &issued.id);
    let codes = json!({ "entitlementCodes": ["premium"] });
    let mut routes: Vec<(&str, String, Option<Value>)> = Vec::new();
    let things = [
        ("products", product),
        ("policies", &policy),
        ("licenses", license),
        ("entitlements", &feature),
    ];
    for (things, id) in things.into_iter().chain([("webhooks", &hook)]) {
        let path = format!("/api/v1/{things}/{id}");
        routes.push(("GET", path.clone(), None));
        routes.push(("PATCH", path.clone(), Some(json!({ "name": "x" }))));
        routes.push(("DELETE", path, None));
    }
    for verb in ["suspend", "reinstate", "revoke", "ban", "renew", "entitlements"] {
        routes.push(("POST", format!("/api/v1/licenses/{license}/{verb}"), Some(codes.clone())));
    }
    let file = json!({ "fingerprint": "machine-1" });
    routes.push(("POST", format!("/api/v1/licenses/{license}/checkout"), Some(file)));
    routes.push((
        "DELETE",
        format!("/api/v1/licenses/{license}/entitlements"),
        Some(codes.clone()),
    ));
    routes.push(("GET", format!("/api/v1/licenses/by-key/{}", issued.key), None));
    routes.push(("GET", format!("/api/v1/machines/{machine}"), None));
    routes.push(("DELETE", format!("/api/v1/machines/{machine}"), None));
    routes.push(("POST", format!("/api/v1/machines/{machine}/heartbeat"), Some(json!({}))));
    for verb in ["POST", "DELETE"] {
        routes.push((verb, format!("/api/v1/policies/{policy}/entitlements"), Some(codes.clone())));
    }
    for stranger in [&other.api, &desk.shop.with(&test)] {
        for (method, path, body) in &routes {
            let answer = stranger.call(method, path, body.clone()).await;
            let told = (answer.status, &answer.json["code"]);
            assert_eq!(told, (404, &json!("NOT_FOUND")), "{method} {path}: {}", answer.text());
        }
        for list in ["products", "policies", "licenses", "entitlements", "machines", "webhooks"] {
            let page = stranger.get(&format!("/api/v1/{list}")).await.is(200);
            assert_eq!(page["data"], json!([]), "{list}");
        }
        let body = json!({ "productId": product, "policyId": policy });
        assert_eq!(
            stranger.post("/api/v1/licenses", body).await.is(422)["code"],
            "REFERENCE_NOT_FOUND"
        );
    }
    desk.app.finish().await;
}
