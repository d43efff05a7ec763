//! What everybody may see: published products of every shop that takes part.

use crate::harness::TestApp;
use serde_json::json;

#[actix_rt::test]
async fn a_draft_is_seen_by_its_maker_alone() {
    let app = TestApp::start().await;
    let shop = app.shop("openclaw").await;
    let made = shop
        .api
        .post("/v1/creator/products", json!({ "title": "Skill One", "type": "skill" }))
        .await
        .is(201);
    assert_eq!(
        (&made["product"]["slug"], &made["product"]["status"]),
        (&json!("skill-one"), &json!("draft"))
    );
    app.anonymous().get("/v1/products/skill-one").await.is(404);
    let all = app.anonymous().get("/v1/products").await;
    all.equals(
        200,
        json!({ "products": [], "page": 1, "per_page": 12, "total": 0, "total_pages": 0 }),
    );
    shop.api
        .patch("/v1/creator/products/skill-one", json!({ "status": "published" }))
        .await
        .is(200);
    let shown = app.anonymous().get("/v1/products/skill-one").await.is(200);
    assert_eq!(
        (&shown["product"]["versions"], &shown["product"]["images"]),
        (&json!([]), &json!([]))
    );
    assert_eq!(shown["product"]["profiles"]["username"], json!(shop.slug));
    app.finish().await;
}

#[actix_rt::test]
async fn a_name_is_one_products_in_all_shops_and_a_derived_one_makes_room() {
    let app = TestApp::start().await;
    let (first, second) = (app.shop("openclaw").await, app.shop("openclaw").await);
    let titled = json!({ "title": "Skill One" });
    first.api.post("/v1/creator/products", titled.clone()).await.is(201);
    let made = second.api.post("/v1/creator/products", titled).await.is(201);
    assert_eq!(made["product"]["slug"], "skill-one-2");
    let named = json!({ "title": "Mine", "slug": "skill-one" });
    second.api.post("/v1/creator/products", named).await.is(409);
    app.finish().await;
}

#[actix_rt::test]
async fn a_key_that_is_sent_must_be_good_though_none_is_needed() {
    let app = TestApp::start().await;
    let shop = app.shop("openclaw").await;
    app.anonymous().get("/v1/products").await.is(200);
    shop.api.get("/v1/products").await.is(200);
    app.anonymous().bearer("ocb_live_nothing").get("/v1/products").await.is(401);
    shop.key("openclaw", &["analytics:read"])
        .await
        .get("/v1/products")
        .await
        .is(403);
    app.finish().await;
}

#[actix_rt::test]
async fn a_suspended_shop_is_off_the_shelves() {
    let app = TestApp::start().await;
    let shop = app.shop("openclaw").await;
    shop.api
        .post("/v1/creator/products", json!({ "title": "Skill One" }))
        .await
        .is(201);
    shop.api
        .patch("/v1/creator/products/skill-one", json!({ "status": "published" }))
        .await
        .is(200);
    app.anonymous().get("/v1/products/skill-one").await.is(200);
    let tenant = format!("/operator/v1/tenants/{}", shop.tenant);
    app.operator().patch(&tenant, json!({ "suspended": true })).await.is(200);
    app.anonymous().get("/v1/products/skill-one").await.is(404);
    shop.api.get("/v1/creator/products").await.is(403);
    app.operator().patch(&tenant, json!({ "suspended": false })).await.is(200);
    app.anonymous().get("/v1/products/skill-one").await.is(200);
    shop.api.get("/v1/creator/products").await.is(200);
    app.finish().await;
}
