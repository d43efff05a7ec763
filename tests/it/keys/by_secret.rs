//! Keys managed with the operator's secret in the body.

use crate::harness::{ADMIN_SECRET, TestApp};
use serde_json::{Value, json};

fn asked(more: Value) -> Value {
    let mut body = json!({ "adminSecret": ADMIN_SECRET });
    let members = more.as_object().unwrap().clone();
    body.as_object_mut().unwrap().extend(members);
    body
}

#[actix_rt::test]
async fn a_creators_keys_are_made_listed_and_revoked() {
    let app = TestApp::start().await;
    let shop = app.shop("cgls").await;
    let call = app.anonymous();
    let make = async |name: &str| {
        let body = asked(json!({ "creatorId": shop.slug, "name": name }));
        let made = call.post("/createApiKey", body).await.is(200);
        assert_eq!(
            (&made["success"], &made["name"], &made["creatorId"]),
            (&json!(true), &json!(name), &json!(shop.slug))
        );
        made["apiKey"].as_str().unwrap().to_owned()
    };
    let (one, two) = (make("one").await, make("two").await);
    assert!(one.starts_with("cgls_") && one.len() == 69);
    let works = async |key: &str| call.header("X-API-Key", key).get("/listProducts").await.status;
    assert_eq!((works(&one).await, works(&two).await), (200, 200));
    let revoke = async |more: Value| call.post("/revokeApiKey", asked(more)).await;
    assert_eq!(revoke(json!({ "apiKeyToRevoke": one })).await.is(200)["revokedCount"], 1);
    assert_eq!((works(&one).await, works(&two).await), (401, 200));
    assert_eq!(revoke(json!({ "apiKeyToRevoke": one })).await.is(200)["revokedCount"], 0);
    assert_eq!(revoke(json!({ "creatorId": shop.slug })).await.is(200)["revokedCount"], 2);
    assert_eq!(works(&two).await, 401);
    let listed = call
        .post("/listApiKeys", asked(json!({ "creatorId": shop.slug })))
        .await
        .is(200);
    assert_eq!(listed["count"], 3, "{listed}");
    assert!(listed["keys"].as_array().unwrap().iter().all(|key| key["active"] == false));
    assert!(!listed.to_string().contains("cgls_"), "{listed}");
    app.finish().await;
}

#[actix_rt::test]
async fn what_is_not_there_is_told_as_the_contract_says() {
    let app = TestApp::start().await;
    let (shop, other) = (app.shop("cgls").await, app.shop("cgls").await);
    let call = app.anonymous();
    for (path, more, status) in [
        ("/createApiKey", json!({ "creatorId": "nobody", "name": "n" }), 404),
        ("/createApiKey", json!({ "creatorId": shop.slug }), 400),
        ("/revokeApiKey", json!({}), 400),
        (
            "/revokeApiKey",
            json!({ "apiKeyToRevoke": format!("cgls_{}", "0".repeat(64)) }),
            404,
        ),
        (
            "/revokeApiKey",
            json!({ "apiKeyToRevoke": shop.key, "creatorId": other.slug }),
            404,
        ),
        (
            "/revokeApiKey",
            json!({ "apiKeyToRevoke": shop.key, "creatorId": "nobody" }),
            404,
        ),
    ] {
        let refused = call.post(path, asked(more)).await;
        assert_eq!(
            (refused.status, &refused.json["success"]),
            (status, &json!(false)),
            "{path}: {}",
            refused.text()
        );
        assert!(refused.json["error"].is_string());
    }
    let none = call
        .post("/revokeApiKey", asked(json!({ "creatorId": "nobody" })))
        .await
        .is(200);
    assert_eq!(none["revokedCount"], 0);
    let none = call
        .post("/listApiKeys", asked(json!({ "creatorId": "nobody" })))
        .await
        .is(200);
    assert_eq!(none["count"], 0);
    for body in [json!({}), json!({ "adminSecret": "wrong" }), json!({ "apiKey": shop.key })] {
        call.post("/listApiKeys", body).await.is(401);
    }
    call.header("X-API-Key", &shop.key).get("/listProducts").await.is(200);
    app.finish().await;
}

#[actix_rt::test]
async fn the_verbs_know_the_keys_of_their_contract_alone() {
    let app = TestApp::start().await;
    let shop = app.shop("licentric").await;
    let call = app.anonymous();
    let body = asked(json!({ "creatorId": shop.slug, "name": "plugin" }));
    let made = call.post("/createApiKey", body).await.is(200);
    for more in [json!({ "creatorId": shop.slug }), json!({})] {
        let listed = call.post("/listApiKeys", asked(more)).await.is(200);
        assert_eq!((&listed["count"], &listed["keys"][0]["name"]), (&json!(1), &json!("plugin")));
    }
    let theirs = asked(json!({ "apiKeyToRevoke": shop.key }));
    call.post("/revokeApiKey", theirs).await.is(404);
    let all = asked(json!({ "creatorId": shop.slug }));
    assert_eq!(call.post("/revokeApiKey", all).await.is(200)["revokedCount"], 1);
    shop.api.get("/api/v1/products").await.is(200);
    let gone = made["apiKey"].as_str().unwrap();
    call.header("X-API-Key", gone).get("/listProducts").await.is(401);
    app.finish().await;
}
