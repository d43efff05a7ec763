//! One tenant learns nothing of another, not even that he is there.

use crate::harness::TestApp;
use serde_json::json;

#[actix_rt::test]
async fn lists_hold_ones_own_and_nothing_else() {
    let app = TestApp::start().await;
    let (mine, other) = (app.shop("fondaco").await, app.shop("fondaco").await);
    mine.product("brushes").await;
    mine.endpoint("https://hooks.example/mine", &["*"]).await;
    for path in ["/api/v1/products", "/api/v1/webhooks"] {
        let page = other.owner.get(path).await.is(200);
        assert_eq!(page["data"], json!([]), "{path}");
        let page = mine.owner.get(path).await.is(200);
        assert_eq!(page["data"].as_array().map(Vec::len), Some(1), "{path}");
    }
    let keys = other.owner.get("/api/v1/api-keys").await.is(200);
    assert_eq!(keys["data"].as_array().map(Vec::len), Some(1), "{keys}");
    app.finish().await;
}

#[actix_rt::test]
async fn the_same_slug_serves_two_shops() {
    let app = TestApp::start().await;
    for shop in [app.shop("sellf").await, app.shop("sellf").await] {
        shop.api
            .post("/api/v1/products", json!({ "name": "One", "slug": "one", "price": 1 }))
            .await
            .is(201);
    }
    app.finish().await;
}

#[actix_rt::test]
async fn events_reach_ones_own_endpoints_only() {
    let app = TestApp::start().await;
    let (mine, other) = (app.shop("fondaco").await, app.shop("fondaco").await);
    let (here, there) = (app.sink().await, app.sink().await);
    mine.endpoint(here.url(), &["*"]).await;
    other.endpoint(there.url(), &["*"]).await;
    mine.product("brushes").await;
    app.deliver_due().await;
    assert!(!here.requests().is_empty());
    assert!(there.requests().is_empty(), "{:?}", there.requests());
    app.finish().await;
}

#[actix_rt::test]
async fn a_session_acts_for_no_tenant_that_is_not_its_own() {
    let app = TestApp::start().await;
    let (mine, other) = (app.shop("fondaco").await, app.shop("fondaco").await);
    mine.owner
        .header("X-Tenant", &mine.slug)
        .get("/api/v1/products")
        .await
        .is(200);
    mine.owner
        .header("X-Tenant", &other.slug)
        .get("/api/v1/products")
        .await
        .is(404);
    mine.owner.header("X-Tenant", "nobody").get("/api/v1/products").await.is(404);
    app.finish().await;
}

#[actix_rt::test]
async fn a_license_server_key_that_names_another_creator_is_refused() {
    let app = TestApp::start().await;
    let (mine, other) = (app.shop("cgls").await, app.shop("cgls").await);
    let asked = json!({ "name": "P", "slug": "p", "creatorId": other.slug });
    mine.api.post("/createProduct", asked).await.is(403);
    mine.api.get(&format!("/listProducts?creatorId={}", other.slug)).await.is(404);
    let asked = json!({ "name": "P", "slug": "p", "creatorId": mine.tenant });
    let made = json!({ "success": true, "productId": "p", "status": "live" });
    mine.api.post("/createProduct", asked).await.equals(200, made);
    other
        .api
        .post("/createProduct", json!({ "name": "P", "slug": "p" }))
        .await
        .is(409);
    app.finish().await;
}
