//! A maker's webhook endpoints, as the marketplace's contract manages them.

use crate::files::published;
use crate::harness::TestApp;
use serde_json::json;

const HOOKS: &str = "/v1/creator/webhooks";

#[actix_rt::test]
async fn an_endpoint_is_moved_switched_and_removed() {
    let app = TestApp::start().await;
    let (shop, other) = (app.shop("openclaw").await, app.shop("openclaw").await);
    let sink = app.sink().await;
    let made = shop
        .owner
        .post(
            HOOKS,
            json!({ "url": "https://hooks.example/x", "events": ["product.updated"] }),
        )
        .await
        .is(201);
    let one = format!("{HOOKS}/{}", made["webhook"]["id"].as_str().unwrap());
    other.owner.patch(&one, json!({ "is_active": false })).await.is(404);
    shop.owner.patch(&one, json!({ "events": [] })).await.is(400);
    shop.owner.patch(&one, json!({ "events": ["nothing"] })).await.is(400);
    shop.owner.patch(&one, json!({ "url": "http://10.0.0.1/x" })).await.is(400);
    let key = shop.key("openclaw", &["webhooks:write"]).await;
    let moved = key
        .patch(&one, json!({ "url": sink.url(), "events": ["product.published"] }))
        .await
        .is(200);
    assert_eq!(
        (&moved["webhook"]["url"], &moved["webhook"]["events"]),
        (&json!(sink.url()), &json!(["product.published"]))
    );
    assert!(
        moved.get("secret").is_none() && moved["webhook"].get("secret").is_none(),
        "{moved}"
    );
    shop.key("openclaw", &["products:write"]).await.get(HOOKS).await.is(403);
    // Either name of the flag is read.
    for (name, is_active) in [("is_active", false), ("active", true), ("active", false), ("is_active", true)] {
        let told = shop.owner.patch(&one, json!({ name: is_active })).await.is(200);
        assert_eq!(told["webhook"]["is_active"], is_active, "{name}");
    }
    published(&shop, json!({ "title": "Skill One" })).await;
    app.deliver_due().await;
    let names: Vec<_> = sink
        .requests()
        .iter()
        .map(|one| one.header("x-ocb-event").to_owned())
        .collect();
    assert_eq!(names, ["product.published"]);
    shop.owner.delete(&one).await.equals(200, json!({ "success": true }));
    shop.owner.delete(&one).await.is(404);
    published(&shop, json!({ "title": "Skill Two" })).await;
    app.deliver_due().await;
    assert_eq!(sink.requests().len(), 1);
    app.finish().await;
}

#[actix_rt::test]
async fn twenty_at_once_are_five_endpoints() {
    let app = TestApp::start().await;
    let shop = app.shop("openclaw").await;
    let all = (0..20).map(|n| {
        let asked = json!({ "url": format!("https://hooks.example/{n}"), "events": ["product.updated"] });
        shop.owner.post(HOOKS, asked)
    });
    let answers = futures_util::future::join_all(all).await;
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    assert!(answers.iter().all(|answer| matches!(answer.status, 201 | 409)));
    assert_eq!((made, &shop.owner.get(HOOKS).await.is(200)["total"]), (5, &json!(5)));
    app.finish().await;
}
