//! Keys that were made elsewhere and go on working here.

use super::{client, text};
use crate::harness::{Shop, TestApp};
use serde_json::json;
use sha2::{Digest as _, Sha256};

async fn path(app: &TestApp, shop: &Shop) -> String {
    let tenants = app.operator().get("/operator/v1/tenants").await.is(200);
    let rows = tenants["data"].as_array().unwrap();
    let mine = rows.iter().find(|row| row["slug"] == shop.slug.as_str()).unwrap();
    format!("/operator/v1/tenants/{}/api-keys", mine["id"].as_str().unwrap())
}

#[actix_rt::test]
async fn a_key_from_elsewhere_works_by_its_text_or_its_digest_and_after_a_restart() {
    let mut app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let path = path(&app, &shop).await;
    let by_text = format!("sf_live_{}", "ab".repeat(32));
    let by_digest = "lk_test_an-older-form-of-key-0123456789";
    for raw in [by_text.as_str(), by_digest] {
        // Tried before it is known, which must not be remembered.
        app.anonymous().bearer(raw).get("/api/v1/products").await.is(401);
    }
    let made = app
        .operator()
        .post(&path, json!({ "name": "old", "key": by_text }))
        .await
        .is(201);
    assert_eq!(
        (text(&made, "key_prefix"), &made["data"]["dialect"]),
        ("sf_live_abab".to_owned(), &json!("sellf"))
    );
    assert!(made["data"].get("key").is_none(), "{made}");
    let digest = hex::encode(Sha256::digest(by_digest));
    let body = json!({ "name": "older", "digest": digest, "dialect": "licentric", "mode": "test", "key_prefix": "lk_test_an-o" });
    let made = app.operator().post(&path, body).await.is(201);
    assert_eq!(made["data"]["mode"], "test");
    app.anonymous().bearer(&by_text).get("/api/v1/products").await.is(200);
    let me = app.anonymous().bearer(by_digest).get("/api/v1/me").await.is(200);
    assert_eq!(super::find(&me, "mode"), Some(&json!("test")), "{me}");
    app.restart().await;
    app.anonymous().bearer(&by_text).get("/api/v1/products").await.is(200);
    app.operator().delete(&format!("{path}/{}", text(&made, "id"))).await.is(200);
    app.anonymous().bearer(by_digest).get("/api/v1/me").await.is(401);
    app.finish().await;
}

#[actix_rt::test]
async fn what_cannot_be_imported_is_refused() {
    let app = TestApp::start().await;
    let (shop, other) = (app.shop("sellf").await, app.shop("sellf").await);
    let path = path(&app, &shop).await;
    let known = format!("sf_live_{}", "cd".repeat(32));
    app.operator().post(&path, json!({ "name": "n", "key": known })).await.is(201);
    for (body, status) in [
        (json!({ "name": "n", "key": known }), 409),
        (json!({ "name": "n", "key": "sf_live_short" }), 400),
        (json!({ "name": "n", "key": format!("unknown_{}", "0".repeat(64)) }), 400),
        (json!({ "name": "n", "key": other.key }), 400),
        (json!({ "name": "n", "key": known, "dialect": "bigclass" }), 400),
        (json!({ "name": "n", "key": known, "digest": "0".repeat(64) }), 400),
        (json!({ "name": "n", "digest": "xyz" }), 400),
    ] {
        let refused = app.operator().post(&path, body.clone()).await;
        assert_eq!(refused.status, status, "{body}: {}", refused.text());
    }
    // An owner makes keys; he imports none.
    let made = shop
        .owner
        .post(
            "/api/v1/api-keys",
            json!({ "name": "n", "key": format!("sf_live_{}", "ef".repeat(32)) }),
        )
        .await
        .is(201);
    assert!(!text(&made, "key").contains("efef"));
    client(&app, &made).get("/api/v1/products").await.is(200);
    app.finish().await;
}
