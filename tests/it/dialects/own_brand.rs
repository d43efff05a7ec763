//! A brand nobody has heard of, added by one file.

use crate::harness::{Client, TestApp};
use serde_json::{Value, json};
use tempfile::TempDir;

const BAZAAR: &str = r#"
extends = "sellf"
brand = "Bazaar"

[routing]
hosts = ["api.bazaar.example"]
key_hints = ["bz_"]

[keys]
live = "bz_live_"
test = "bz_test_"

[casing]
body = "camel"

[money]
catalog = "minor"

[envelope]
single = "noun"

[errors]
style = "flat"

[errors.codes]
invalid_token = "WHO_ARE_YOU"

[scopes.names]
"goods.look" = ["products:read"]

[webhooks]
id_prefix = "bzr_"
body = ["eventId=id", "kind=event", "at=created_at", "data"]
events = ["product.created"]

[webhooks.headers]
signature = "X-Bazaar-Signature"

[nouns]
product = ["ware", "wares"]

[views]
product = ["wareId=id", "label=name", "slug", "cents=price_minor"]
"#;

async fn bazaar() -> (TestApp, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("bazaar.toml"), BAZAAR).unwrap();
    let app = TestApp::with(&[("dialects_dir", folder.path().to_str().unwrap())]).await;
    (app, folder)
}

async fn reader(app: &TestApp, owner: &Client) -> (Client, Value) {
    let asked = json!({ "name": "CI", "scopes": ["goods.look"] });
    let made = owner.post("/api/v1/api-keys", asked).await.is(201);
    let key = made
        .to_string()
        .split('"')
        .find(|text| text.starts_with("bz_live_"))
        .unwrap()
        .to_owned();
    (app.anonymous().bearer(&key), made)
}

#[actix_rt::test]
async fn its_keys_scopes_and_views_are_its_own() {
    let (app, _folder) = bazaar().await;
    let shop = app.shop("bazaar").await;
    assert!(shop.key.starts_with("bz_live_"), "{}", &shop.key[..12]);
    let made = shop
        .api
        .post("/api/v1/products", json!({ "name": "Lamp", "slug": "lamp", "price": 1250 }))
        .await;
    let made = made.is(201);
    let id = made["ware"]["wareId"].clone();
    let expected = json!({ "ware": { "wareId": id, "label": "Lamp", "slug": "lamp", "cents": 1250 } });
    assert_eq!(made, expected);
    let (reader, key) = reader(&app, &shop.owner).await;
    assert!(key.to_string().contains("\"goods.look\""), "{key}");
    let path = format!("/api/v1/products/{}", id.as_str().unwrap());
    reader.get(&path).await.equals(200, expected);
    reader.delete(&path).await.is(403);
    app.finish().await;
}

#[actix_rt::test]
async fn its_refusals_are_in_its_words_by_key_and_by_host() {
    let (app, _folder) = bazaar().await;
    let stranger = app.anonymous().bearer("bz_live_nothing").get("/api/v1/products").await;
    assert_eq!(stranger.status, 401);
    assert_eq!(stranger.json["code"], "WHO_ARE_YOU", "{}", stranger.text());
    assert!(stranger.json["error"].is_string(), "{}", stranger.text());
    let visitor = app
        .anonymous()
        .header("Host", "api.bazaar.example")
        .get("/api/v1/products")
        .await;
    assert_eq!(visitor.json["code"], "UNAUTHORIZED", "{}", visitor.text());
    let native = app.anonymous().get("/api/v1/products").await;
    assert_eq!(native.json["error"]["code"], "UNAUTHORIZED", "{}", native.text());
    app.finish().await;
}

#[actix_rt::test]
async fn its_deliveries_carry_its_signature() {
    let (app, _folder) = bazaar().await;
    let shop = app.shop("bazaar").await;
    let sink = app.sink().await;
    let secret = shop.endpoint(sink.url(), &["product.created"]).await;
    shop.api
        .post("/api/v1/products", json!({ "name": "Lamp", "slug": "lamp", "price": 1250 }))
        .await
        .is(201);
    app.deliver_due().await;
    let delivery = sink.only();
    delivery.is_branded_by("x-bazaar-signature", &secret);
    delivery.is_signed_by(&secret);
    let body = delivery.json();
    assert_eq!(
        (&body["kind"], &body["at"]),
        (&json!("product.created"), &json!("2026-05-19T14:23:14.000Z"))
    );
    assert!(body["eventId"].as_str().is_some_and(|id| id.starts_with("bzr_")), "{body}");
    app.finish().await;
}

#[actix_rt::test]
async fn it_is_described_like_the_others() {
    let (app, _folder) = bazaar().await;
    let document = app.anonymous().get("/openapi.json?dialect=bazaar").await.is(200);
    assert_eq!(document["info"]["title"], "Bazaar API");
    app.finish().await;
}
