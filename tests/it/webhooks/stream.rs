//! Following a tenant's events over server-sent events.

use crate::harness::{Shop, TestApp};
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(20);

/// An open stream, read event by event.
struct Stream {
    response: reqwest::Response,
    text: String,
}

impl Stream {
    async fn open(app: &TestApp, shop: &Shop, query: &str, last: Option<&str>) -> Self {
        let mut request = reqwest::Client::new()
            .get(format!("{}/api/v1/events/stream{query}", app.url()))
            .header("X-API-Key", &shop.key);
        if let Some(last) = last {
            request = request.header("Last-Event-ID", last);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let mut stream = Self {
            response,
            text: String::new(),
        };
        let greeting = stream.block().await.unwrap();
        assert!(greeting.contains(": connected"), "{greeting}");
        stream
    }

    /// What stands up to the next empty line; none at the end.
    async fn block(&mut self) -> Option<String> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                return Some(block);
            }
            let chunk = tokio::time::timeout(PATIENCE, self.response.chunk())
                .await
                .unwrap()
                .unwrap()?;
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    /// The next event: id, name, body.
    async fn event(&mut self) -> (String, String, Value) {
        loop {
            let block = self.block().await.unwrap();
            let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
            if let (Some(id), Some(name), Some(data)) = (field("id:"), field("event:"), field("data:")) {
                return (id.to_owned(), name.to_owned(), serde_json::from_str(data).unwrap());
            }
        }
    }
}

#[actix_rt::test]
async fn events_come_as_they_happen_and_go_on_where_they_stopped() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let other = app.shop("fondaco").await;
    let sink = app.sink().await;
    shop.endpoint(sink.url(), &["product.created"]).await;
    shop.product("before").await;
    app.deliver_due().await;
    let mut stream = Stream::open(&app, &shop, "?events=product.created", None).await;
    other.product("foreign").await;
    shop.product("one").await;
    app.deliver_due().await;
    let (id, name, body) = stream.event().await;
    assert_eq!((name.as_str(), &body["data"]["slug"]), ("product.created", &json!("one")));
    assert_eq!(sink.requests()[1].json(), body, "the body is the one that endpoints get");
    assert_eq!(sink.requests()[1].header("webhook-id"), id);
    drop(stream);
    shop.product("two").await;
    app.deliver_due().await;
    let mut resumed = Stream::open(&app, &shop, "?events=product.created", Some(&id)).await;
    assert_eq!(resumed.event().await.2["data"]["slug"], "two");
    drop(resumed);
    app.finish().await;
}

#[actix_rt::test]
async fn names_narrow_a_stream_and_what_is_wrong_is_refused() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let mut stream = Stream::open(&app, &shop, "?events=product.deleted,product.updated", None).await;
    let id = shop.product("one").await;
    shop.api.delete(&format!("/api/v1/products/{id}")).await.is(204);
    app.deliver_due().await;
    assert_eq!(stream.event().await.1, "product.deleted");
    drop(stream);
    shop.api.get("/api/v1/events/stream?events=no.such").await.is(400);
    shop.api.get("/api/v1/events/stream?last_event_id=evt_00").await.is(400);
    shop.key("fondaco", &["products:read"])
        .await
        .get("/api/v1/events/stream")
        .await
        .is(403);
    app.finish().await;
}

#[actix_rt::test]
async fn open_streams_are_bounded_per_tenant_and_end_with_the_server() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let mut streams = Vec::new();
    for _ in 0..10 {
        streams.push(Stream::open(&app, &shop, "", None).await);
    }
    shop.api.get("/api/v1/events/stream").await.is(409);
    app.finish().await;
    let ended = futures_util::stream::iter(streams).then(|mut stream| async move { stream.block().await.is_none() });
    assert!(ended.all(|is_over| async move { is_over }).await);
}

#[actix_rt::test]
async fn a_stream_ends_soon_after_its_key_is_revoked() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let mut stream = Stream::open(&app, &shop, "", None).await;
    let keys = shop.owner.get("/api/v1/api-keys").await.is(200);
    let id = keys["data"][0]["id"].as_str().unwrap();
    shop.owner.delete(&format!("/api/v1/api-keys/{id}")).await.is(200);
    assert_eq!(stream.block().await, None);
    app.finish().await;
}
