//! All sixteen events, each by what really causes it.

use super::{Desk, id};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What came, by the event's name.
async fn told(desk: &Desk, sink: &crate::harness::Sink) -> BTreeMap<String, Vec<Value>> {
    desk.app.deliver_due().await;
    let mut told: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for request in sink.requests() {
        let body = request.json();
        told.entry(body["type"].as_str().unwrap().to_owned())
            .or_default()
            .push(body["data"].clone());
    }
    told
}

#[actix_rt::test]
async fn every_event_of_the_contract_is_told() {
    let desk = Desk::open().await;
    let sink = desk.app.sink().await;
    desk.shop.endpoint(sink.url(), &["*"]).await;
    let policy = json!({ "maxMachines": 1, "durationDays": 1, "requireHeartbeat": true, "heartbeatIntervalMinutes": 60 });
    let issued = desk.licensed(policy).await;
    desk.code(&issued.key).await;
    desk.code(&issued.key).await;
    let machine = id(&desk.activate(&issued.key, "machine-1").await.is(201));
    desk.holder(&issued.key)
        .post(&format!("/api/v1/machines/{machine}/heartbeat"), json!({}))
        .await
        .is(200);
    desk.shop
        .api
        .patch(&format!("/api/v1/licenses/{}", issued.id), json!({ "name": "n" }))
        .await
        .is(200);
    desk.step(&issued.id, "suspend").await.is(200);
    desk.code(&issued.key).await;
    desk.step(&issued.id, "reinstate").await.is(200);
    desk.app.advance(86_400).await;
    desk.step(&issued.id, "renew").await.is(200);
    desk.step(&issued.id, "revoke").await.is(200);
    desk.shop.api.delete(&format!("/api/v1/licenses/{}", issued.id)).await.is(204);
    let told = told(&desk, &sink).await;
    for (name, times) in [
        ("license.created", 1),
        ("license.activated", 1),
        ("license.updated", 1),
        ("license.suspended", 1),
        ("license.reinstated", 1),
        ("license.revoked", 1),
        ("license.renewed", 1),
        ("license.expired", 1),
        ("license.deleted", 1),
        ("license.limit_reached", 1),
        ("machine.activated", 1),
        ("machine.deactivated", 1),
        ("machine.heartbeat", 1),
        ("machine.dead", 1),
        ("validation.success", 2),
        ("validation.failed", 1),
    ] {
        assert_eq!(told.get(name).map_or(0, Vec::len), times, "{name}: {:?}", told.keys());
    }
    assert!(!format!("{told:?}").contains(&issued.key), "an event tells the key");
    assert_eq!(told["license.created"][0]["productId"], json!(desk.product));
    assert_eq!(told["validation.failed"][0]["code"], "SUSPENDED");
    desk.app.finish().await;
}

#[actix_rt::test]
async fn the_schema_of_a_licence_event_has_what_is_really_sent() {
    let desk = Desk::open().await;
    let sink = desk.app.sink().await;
    desk.shop.endpoint(sink.url(), &["license.created"]).await;
    desk.licensed(json!({})).await;
    desk.app.deliver_due().await;
    let kinds = desk.shop.owner.get("/api/v1/event-types").await.is(200);
    let kind = kinds["data"]
        .as_array()
        .unwrap()
        .iter()
        .find(|kind| kind["name"] == "license.created")
        .unwrap();
    let data = &kind["schema"]["properties"]["data"];
    for name in sink.only().json()["data"].as_object().unwrap().keys() {
        assert!(data["properties"].get(name).is_some(), "{name} is sent but not described");
    }
    for name in data["required"].as_array().unwrap() {
        let name = name.as_str().unwrap();
        assert!(
            sink.only().json()["data"].get(name).is_some(),
            "{name} is promised but not sent"
        );
    }
    desk.app.finish().await;
}

#[actix_rt::test]
async fn an_endpoint_is_listed_read_changed_and_deleted() {
    let desk = Desk::open().await;
    let api = &desk.shop.api;
    let asked = json!({ "url": "https://hooks.example.com/desk" });
    let made = api.post("/api/v1/webhooks", asked).await.is(201);
    let (path, secret) = (format!("/api/v1/webhooks/{}", super::id(&made)), &made["data"]["secret"]);
    assert!(secret.as_str().unwrap().starts_with("whsec_"));
    assert_eq!(made["data"]["events"], json!(["*"]));
    let listed = api.get("/api/v1/webhooks").await.is(200);
    assert_eq!(listed["data"].as_array().unwrap().len(), 1);
    let change = json!({ "events": ["license.created"] });
    assert_eq!(
        api.patch(&path, change).await.is(200)["data"]["events"],
        json!(["license.created"])
    );
    let read = api.get(&path).await.is(200);
    assert_eq!(
        (&read["data"]["events"], &read["data"]["deletedAt"]),
        (&json!(["license.created"]), &json!(null))
    );
    api.delete(&path).await.is(204);
    api.get(&path).await.is(404);
    assert_eq!(api.get("/api/v1/webhooks").await.is(200)["data"], json!([]));
    desk.app.finish().await;
}
