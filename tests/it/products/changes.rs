//! Made, changed and gone, and what others hear of it.

use crate::harness::TestApp;
use serde_json::json;

#[actix_rt::test]
async fn what_a_change_does_not_name_stays() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let path = format!("/api/v1/products/{}", shop.product("brushes").await);
    let before = shop.api.get(&path).await.is(200);
    app.advance(1).await;
    shop.api.patch(&path, json!({})).await.equals(200, before.clone());
    let changed = shop
        .api
        .patch(&path, json!({ "price": 2500, "metadata": { "a": 1 } }))
        .await
        .is(200);
    let mut expected = before;
    expected["data"]["price"] = json!(2500);
    expected["data"]["metadata"] = json!({ "a": 1 });
    expected["data"]["updated_at"] = json!("2026-05-19T14:23:15.000Z");
    assert_eq!(changed, expected);
    app.finish().await;
}

#[actix_rt::test]
async fn a_deleted_product_is_gone_everywhere_and_keeps_its_slug() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let path = format!("/api/v1/products/{}", shop.product("brushes").await);
    shop.api.delete(&path).await.is(204);
    shop.api.get(&path).await.is(404);
    shop.api.patch(&path, json!({ "name": "x" })).await.is(404);
    shop.api.delete(&path).await.is(404);
    let page = shop.api.get("/api/v1/products").await.is(200);
    assert_eq!((&page["data"], &page["pagination"]["total"]), (&json!([]), &json!(0)));
    let again = json!({ "name": "Brushes", "slug": "brushes", "price": 1 });
    shop.api.post("/api/v1/products", again).await.is(409);
    app.finish().await;
}

#[actix_rt::test]
async fn each_change_is_one_event_and_an_idle_one_is_none() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let sink = app.sink().await;
    shop.endpoint(sink.url(), &["*"]).await;
    let path = format!("/api/v1/products/{}", shop.product("brushes").await);
    shop.api.patch(&path, json!({ "status": "draft" })).await.is(200);
    shop.api.patch(&path, json!({ "status": "draft" })).await.is(200);
    shop.api.patch(&path, json!({ "is_active": true })).await.is(200);
    shop.api.delete(&path).await.is(204);
    app.deliver_due().await;
    let mut heard: Vec<_> = sink.requests();
    heard.sort_by_key(|request| request.header("x-fondaco-sequence").parse::<u64>().unwrap());
    let names: Vec<_> = heard.iter().map(|request| request.json()["type"].clone()).collect();
    let expected = [
        "product.created",
        "product.published",
        "product.updated",
        "product.updated",
        "product.published",
        "product.deleted",
    ];
    assert_eq!(names, expected);
    app.finish().await;
}

#[actix_rt::test]
async fn two_who_want_the_same_slug_at_once_do_not_both_get_it() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let body = json!({ "name": "One", "slug": "one", "price": 1 });
    let calls = (0..16).map(|_| shop.owner.post("/api/v1/products", body.clone()));
    let answers = futures_util::future::join_all(calls).await;
    let mut told: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    told.sort_unstable();
    assert_eq!(told, [vec![201], vec![409; 15]].concat());
    let page = shop.api.get("/api/v1/products").await.is(200);
    assert_eq!(page["pagination"]["total"], 1);
    app.finish().await;
}

#[actix_rt::test]
async fn the_same_idempotency_key_makes_one_product() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let sender = shop.api.header("Idempotency-Key", "order-1");
    let body = json!({ "name": "One", "slug": "one", "price": 1 });
    let first = sender.post("/api/v1/products", body.clone()).await;
    let again = sender.post("/api/v1/products", body).await;
    assert_eq!((first.status, &first.body), (again.status, &again.body), "{}", again.text());
    assert_eq!(
        (first.header("idempotency-replayed"), again.header("idempotency-replayed")),
        ("", "true")
    );
    let other = json!({ "name": "Two", "slug": "two", "price": 1 });
    sender.post("/api/v1/products", other.clone()).await.is(422);
    app.advance(24 * 3600 + 1).await;
    sender.post("/api/v1/products", other).await.is(201);
    app.finish().await;
}

#[actix_rt::test]
async fn many_with_one_idempotency_key_at_once_make_one_product() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let sender = shop.api.header("Idempotency-Key", "order-1");
    let body = json!({ "name": "One", "slug": "one", "price": 1 });
    let calls = (0..10).map(|_| sender.post("/api/v1/products", body.clone()));
    for answer in futures_util::future::join_all(calls).await {
        let is_told_to_wait = answer.status == 409 && answer.json["error"]["code"] != "ALREADY_EXISTS";
        assert!(answer.status == 201 || is_told_to_wait, "{}", answer.text());
    }
    let page = shop.api.get("/api/v1/products").await.is(200);
    assert_eq!(page["pagination"]["total"], 1);
    app.finish().await;
}
