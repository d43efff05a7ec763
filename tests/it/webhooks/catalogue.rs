//! The catalogue of events as the API tells it.

use crate::harness::TestApp;
use serde_json::Value;

fn named<'a>(kinds: &'a Value, name: &str) -> &'a Value {
    let found = kinds["data"].as_array().unwrap().iter().find(|kind| kind["name"] == name);
    found.unwrap_or_else(|| panic!("no {name}"))
}

#[actix_rt::test]
async fn every_kind_comes_with_schema_example_and_dialects() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let reader = shop.key("fondaco", &["webhooks:read"]).await;
    let kinds = reader.get("/api/v1/event-types").await.is(200);
    for kind in kinds["data"].as_array().unwrap() {
        assert!(
            kind["schema"]["properties"].is_object() && kind["example"]["data"].is_object(),
            "{kind}"
        );
        assert!(kind["description"].is_string() && !kind["dialects"].as_array().unwrap().is_empty());
    }
    let paid = named(&kinds, "order.paid");
    assert!(paid["dialects"].as_array().unwrap().iter().any(|name| name == "bigclass"));
    shop.key("fondaco", &["products:read"])
        .await
        .get("/api/v1/event-types")
        .await
        .is(403);
    reader.get("/api/v1/event-types?dialect=no-such").await.is(400);
    let sellf = reader.get("/api/v1/event-types?dialect=sellf").await.is(200);
    assert_eq!(
        named(&sellf, "purchase.completed")["example"]["data"]["product"]["price"],
        19.95
    );
    app.finish().await;
}

#[actix_rt::test]
async fn the_schema_of_a_product_event_has_what_is_really_sent() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let sink = app.sink().await;
    shop.endpoint(sink.url(), &["product.created"]).await;
    shop.product("brushes").await;
    app.deliver_due().await;
    let kinds = shop.api.get("/api/v1/event-types").await.is(200);
    let data = &named(&kinds, "product.created")["schema"]["properties"]["data"];
    for name in sink.only().json()["data"].as_object().unwrap().keys() {
        assert!(
            data["properties"].get(name).is_some(),
            "{name} is sent but not described: add it to config/events/shapes.toml"
        );
    }
    for name in data["required"].as_array().unwrap() {
        let name = name.as_str().unwrap();
        assert!(
            sink.only().json()["data"].get(name).is_some(),
            "{name} is promised but not sent"
        );
    }
    app.finish().await;
}

#[actix_rt::test]
async fn the_api_description_lists_what_is_sent() {
    let app = TestApp::start().await;
    let described = app.anonymous().get("/openapi.json?dialect=bigclass").await.is(200);
    let paid = &described["webhooks"]["order.paid"]["post"];
    assert!(paid["requestBody"]["content"]["application/json"]["schema"]["properties"]["workspace_id"].is_object());
    assert!(
        paid["parameters"]
            .as_array()
            .unwrap()
            .iter()
            .any(|header| header["name"] == "X-TBC-Signature")
    );
    assert!(described["webhooks"].get("purchase.completed").is_none());
    app.finish().await;
}
