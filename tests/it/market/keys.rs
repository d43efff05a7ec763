//! Keys of whoever signs in: a shop's owner has those of his shop, a buyer his own.

use crate::files::{GOOD_CARD, buyer, link, published, upload};
use crate::harness::TestApp;
use serde_json::{Value, json};

const KEYS: &str = "/v1/creator/api-keys";

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap()
}

#[actix_rt::test]
async fn a_buyer_without_a_shop_buys_and_downloads_by_key() {
    let app = TestApp::start().await;
    let shop = app.shop("openclaw").await;
    let slug = published(&shop, json!({ "title": "Skill One", "price_cents": 500 })).await;
    upload(&shop, &slug, "1", b"one").await.is(201);
    let (ann, ben) = (buyer(&app, "ann").await, buyer(&app, "ben").await);
    assert_eq!(ann.get(KEYS).await.is(200)["total"], 0);
    let scopes = ["products:read", "downloads:read", "purchases:write"];
    let made = ann.post(KEYS, json!({ "name": "mine", "scopes": scopes })).await.is(201);
    let (id, key) = (
        text(&made["api_key"], "id"),
        app.anonymous().header("X-API-Key", text(&made, "key")),
    );
    let begun = key.post("/v1/checkout/create", json!({ "product_slug": slug })).await.is(200);
    app.anonymous().pay(text(&begun, "url"), GOOD_CARD).await.is(303);
    app.advance(0).await;
    let library = ann.get("/v1/library").await.is(200);
    assert_eq!(key.get("/v1/library").await.is(200), library);
    let purchase = text(&library["purchases"][0], "id").to_owned();
    app.anonymous().get(&link(&app, &key, &purchase).await).await.is(200);
    let reviewed = key
        .post(&format!("/v1/products/{slug}/reviews"), json!({ "rating": 5 }))
        .await;
    assert_eq!(reviewed.is(201)["review"]["profiles"]["username"], "ann");
    assert_eq!(key.get("/v1/creator/products").await.is(200)["total"], 0);
    key.post("/v1/creator/products", json!({ "title": "Mine" })).await.is(403);
    key.get(KEYS).await.is(403);
    let listed = ann.get(KEYS).await.is(200);
    assert_eq!((&listed["total"], text(&listed["api_keys"][0], "id")), (&json!(1), id));
    assert!(listed["api_keys"][0].get("key").is_none());
    let one = format!("{KEYS}/{id}");
    ben.delete(&one).await.is(404);
    shop.owner.delete(&one).await.is(404);
    ann.delete(&one).await.is(200);
    key.get("/v1/library").await.is(401);
    assert_eq!(ann.get(KEYS).await.is(200)["total"], 0);
    app.finish().await;
}

#[actix_rt::test]
async fn a_buyers_key_does_what_buyers_do_and_makes_no_shop() {
    let app = TestApp::start().await;
    let ann = buyer(&app, "ann").await;
    let shops = app.operator().get("/operator/v1/tenants").await.is(200);
    for (scopes, status) in [
        (json!([]), 400),
        (json!(["nothing:read"]), 400),
        (json!(["*"]), 400),
        (json!(["products:write"]), 403),
        (json!(["downloads:read", "webhooks:write"]), 403),
        (json!(["analytics:read"]), 403),
        (json!(["downloads:read"]), 201),
    ] {
        let asked = json!({ "name": "mine", "scopes": scopes });
        assert_eq!(ann.post(KEYS, asked).await.status, status, "{scopes}");
    }
    let native = json!({ "name": "mine", "scopes": ["downloads:read"], "dialect": "fondaco" });
    ann.post(KEYS, native).await.is(400);
    ann.post("/api/v1/api-keys", json!({ "name": "mine", "scopes": ["*"] }))
        .await
        .is(403);
    ann.post("/v1/creator/products", json!({ "title": "Mine" })).await.is(403);
    ann.header("X-Tenant", "person").get(KEYS).await.is(404);
    assert_eq!(app.operator().get("/operator/v1/tenants").await.is(200), shops);
    let all = (0..20).map(|_| ann.post(KEYS, json!({ "name": "more", "scopes": ["downloads:read"] })));
    let made = futures_util::future::join_all(all).await;
    assert!(made.iter().all(|answer| answer.status == 201));
    assert_eq!(ann.get(KEYS).await.is(200)["total"], 21);
    app.finish().await;
}
