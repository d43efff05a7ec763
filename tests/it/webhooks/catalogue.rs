//! The catalogue of events as the API tells it.

use crate::harness::{TestApp, meets};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn named<'a>(kinds: &'a Value, name: &str) -> &'a Value {
    // Each dialect has a member of its own for lists.
    let mut lists = kinds.as_object().unwrap().values().filter_map(Value::as_array);
    let found = lists.next().unwrap().iter().find(|kind| kind["name"] == name);
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
async fn what_is_sent_meets_the_published_schema_in_every_dialect() {
    let app = TestApp::start().await;
    for dialect in ["fondaco", "sellf", "openclaw", "licentric", "bigclass", "cgls"] {
        let shop = app.shop(dialect).await;
        let sink = app.sink().await;
        shop.endpoint(sink.url(), &["product.created", "product.deleted"]).await;
        let body = match dialect {
            "licentric" => json!({ "name": "Brushes", "code": "brushes" }),
            "openclaw" => json!({ "title": "Brushes", "slug": "brushes", "price_cents": 900 }),
            "cgls" => json!({ "name": "Brushes", "slug": "brushes", "price": 9 }),
            _ => json!({ "name": "Brushes", "slug": "brushes", "price": 9, "metadata": { "mine": { "a": [1] } } }),
        };
        let made = shop.owner.post("/api/v1/products", body).await;
        assert!(matches!(made.status, 200 | 201), "{dialect}: {}", made.text());
        app.deliver_due().await;
        let kinds = shop.api.get(&format!("/api/v1/event-types?dialect={dialect}")).await.is(200);
        let body = sink.only().json();
        let mut faults = BTreeSet::new();
        meets(&named(&kinds, "product.created")["schema"], &body, dialect, &mut faults);
        assert!(faults.is_empty(), "{faults:?} in {body}");
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
