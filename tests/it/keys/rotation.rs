//! Replacing a key by another.

use super::{KEYS, client, text};
use crate::harness::TestApp;
use serde_json::{Value, json};

#[actix_rt::test]
async fn both_keys_work_until_the_second_the_grace_ends() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let body = json!({ "name": "ci", "scopes": ["products:read"], "rate_limit_per_minute": 9, "note": "n" });
    let made = shop.owner.post(KEYS, body).await.is(201);
    let path = format!("{KEYS}/{}", text(&made, "id"));
    let rotated = shop
        .owner
        .post(&format!("{path}/rotate"), json!({ "grace_period_hours": 1 }))
        .await
        .is(201);
    let (new, old) = (&rotated["data"]["new_key"], &rotated["data"]["old_key"]);
    assert_eq!(
        (&new["name"], &new["rate_limit_per_minute"]),
        (&json!("ci (rotated)"), &json!(9))
    );
    assert_eq!(new["scopes"], json!(["products:read"]));
    assert!(new["warning"].is_string() && new["key"] != made["data"]["key"]);
    assert_eq!(old["grace_until"], "2026-05-19T15:23:14.000Z");
    let kept = shop.owner.get(&path).await.is(200);
    assert_eq!(kept["data"]["is_active"], false);
    let (before, after) = (client(&app, &made), client(&app, new));
    let works = async || {
        let statuses = [
            before.get("/api/v1/products").await.status,
            after.get("/api/v1/products").await.status,
        ];
        statuses.map(|status| status == 200)
    };
    assert_eq!(works().await, [true, true]);
    app.advance(3599).await;
    assert_eq!(works().await, [true, true]);
    app.advance(1).await;
    assert_eq!(works().await, [false, true]);
    app.finish().await;
}

#[actix_rt::test]
async fn grace_is_a_day_unless_said_and_may_be_none() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let make = async || shop.owner.post(KEYS, json!({ "name": "ci" })).await.is(201);
    let made = make().await;
    let rotate = format!("{KEYS}/{}/rotate", text(&made, "id"));
    let rotated = shop.owner.raw(reqwest::Method::POST, &rotate, "").await.is(201);
    assert_eq!(rotated["data"]["old_key"]["grace_until"], "2026-05-20T14:23:14.000Z");
    // It is no longer active: it is rotated no second time.
    shop.owner.post(&rotate, json!({})).await.is(400);
    let made = make().await;
    let rotate = format!("{KEYS}/{}/rotate", text(&made, "id"));
    for hours in [json!(-1), json!(169), json!(1.5), json!("x")] {
        shop.owner.post(&rotate, json!({ "grace_period_hours": hours })).await.is(400);
    }
    let rotated = shop.owner.post(&rotate, json!({ "grace_period_hours": 0 })).await.is(201);
    assert_eq!(rotated["data"]["old_key"]["grace_until"], Value::Null);
    client(&app, &made).get("/api/v1/products").await.is(401);
    client(&app, &rotated["data"]["new_key"])
        .get("/api/v1/products")
        .await
        .is(200);
    app.finish().await;
}

#[actix_rt::test]
async fn the_overlap_never_outlives_the_old_keys_own_end() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let made = shop
        .owner
        .post(KEYS, json!({ "name": "ci", "expires_at": "2026-05-19T14:33:14Z" }))
        .await
        .is(201);
    let rotate = format!("{KEYS}/{}/rotate", text(&made, "id"));
    let rotated = shop.owner.post(&rotate, json!({ "grace_period_hours": 24 })).await.is(201);
    assert_eq!(rotated["data"]["old_key"]["grace_until"], "2026-05-19T14:33:14.000Z");
    assert_eq!(rotated["data"]["new_key"]["expires_at"], "2026-05-19T14:33:14.000Z");
    app.advance(600).await;
    client(&app, &made).get("/api/v1/products").await.is(401);
    let path = format!("{KEYS}/{}", text(&rotated["data"]["new_key"], "id"));
    shop.owner.post(&format!("{path}/rotate"), json!({})).await.is(400);
    app.finish().await;
}

#[actix_rt::test]
async fn switching_a_replaced_key_off_ends_its_grace() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let made = shop.owner.post(KEYS, json!({ "name": "ci" })).await.is(201);
    let path = format!("{KEYS}/{}", text(&made, "id"));
    shop.owner.post(&format!("{path}/rotate"), json!({})).await.is(201);
    client(&app, &made).get("/api/v1/products").await.is(200);
    shop.owner.patch(&path, json!({ "is_active": false })).await.is(200);
    client(&app, &made).get("/api/v1/products").await.is(401);
    app.finish().await;
}

#[actix_rt::test]
async fn a_contract_without_rotation_has_none() {
    let app = TestApp::start().await;
    let shop = app.shop("bigclass").await;
    let made = shop
        .owner
        .post(KEYS, json!({ "name": "n", "scopes": ["read:courses"] }))
        .await
        .is(201);
    let refused = shop
        .owner
        .post(&format!("{KEYS}/{}/rotate", text(&made, "id")), json!({}))
        .await;
    assert_eq!(
        (refused.status, &refused.json["error"]["code"]),
        (422, &json!("invalid_request")),
        "{}",
        refused.text()
    );
    client(&app, &made).get("/api/v1/me").await.is(200);
    app.finish().await;
}
