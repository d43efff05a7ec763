//! Live and test data never meet.

use crate::harness::{Client, Shop, TestApp};
use serde_json::{Value, json};

async fn test_key(app: &TestApp, shop: &Shop, dialect: &str) -> Client {
    let asked = json!({ "name": "test", "dialect": dialect, "mode": "test" });
    let (_, key) = shop.minted(app, asked).await;
    assert!(key.contains("_test_"), "{}", &key[..12]);
    shop.with(&key)
}

fn product(dialect: &str) -> Value {
    match dialect {
        "licentric" => json!({ "name": "One", "code": "one" }),
        _ => json!({ "name": "One", "slug": "one", "price": 1 }),
    }
}

#[actix_rt::test]
async fn a_key_reaches_the_rows_of_its_mode_only() {
    let app = TestApp::start().await;
    for dialect in ["fondaco", "sellf", "licentric"] {
        let shop = app.shop(dialect).await;
        let test = test_key(&app, &shop, dialect).await;
        for (mine, other) in [(&shop.api, &test), (&test, &shop.api)] {
            let made = mine.post("/api/v1/products", product(dialect)).await.is(201);
            let id = made["data"]["id"].as_str().unwrap();
            let path = format!("/api/v1/products/{id}");
            other.get(&path).await.is(404);
            other.patch(&path, json!({ "name": "Mine" })).await.is(404);
            other.delete(&path).await.is(404);
            let seen = other.get("/api/v1/products").await.is(200);
            assert!(!seen.to_string().contains(id), "{dialect}: {seen}");
            mine.get(&path).await.is(200);
        }
    }
    app.finish().await;
}

#[actix_rt::test]
async fn a_session_sees_live_rows_unless_it_asks_for_the_others() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let test = shop.owner.header("X-Mode", "test");
    test.post("/api/v1/products", product("fondaco")).await.is(201);
    let total = async |client: &Client| client.get("/api/v1/products").await.is(200)["pagination"]["total"].clone();
    assert_eq!((total(&test).await, total(&shop.owner).await), (json!(1), json!(0)));
    shop.owner.header("X-Mode", "both").get("/api/v1/products").await.is(400);
    app.finish().await;
}

#[actix_rt::test]
async fn a_test_event_reaches_test_endpoints_only() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let (live, test) = (app.sink().await, app.sink().await);
    shop.endpoint(live.url(), &["product.created"]).await;
    let asked = json!({ "url": test.url(), "events": ["product.created"] });
    let tester = shop.owner.header("X-Mode", "test");
    tester.post("/api/v1/webhooks", asked).await.is(201);
    shop.product("live").await;
    app.deliver_due().await;
    assert_eq!((live.requests().len(), test.requests().len()), (1, 0));
    tester
        .post("/api/v1/products", json!({ "name": "T", "slug": "test", "price": 1 }))
        .await
        .is(201);
    app.deliver_due().await;
    assert_eq!((live.requests().len(), test.requests().len()), (1, 1));
    assert_eq!(test.only().json()["data"]["slug"], "test");
    app.finish().await;
}

#[actix_rt::test]
async fn dialects_without_test_keys_make_none() {
    let app = TestApp::start().await;
    for dialect in ["openclaw", "bigclass", "cgls"] {
        let shop = app.shop(dialect).await;
        let keys = format!("/operator/v1/tenants/{}/api-keys", shop.tenant);
        let asked = json!({ "name": "test", "dialect": dialect, "mode": "test" });
        app.operator().post(&keys, asked).await.is(400);
    }
    app.finish().await;
}
