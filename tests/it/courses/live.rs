//! Live sessions and their recordings.

use super::{course, data, text};
use crate::harness::TestApp;
use serde_json::json;

#[actix_rt::test]
async fn a_session_begins_ends_and_is_recorded_once() {
    let app = TestApp::start().await;
    let shop = app.shop("bigclass").await;
    let sink = app.sink().await;
    let events = ["live_session.started", "live_session.ended", "recording.ready"];
    shop.endpoint(sink.url(), &events).await;
    let made = course(&shop, "Colour").await;
    let sessions = format!("/api/v1/courses/{}/live-sessions", text(&made["id"]));
    let body = json!({ "title": "Questions", "starts_at": "2026-06-01T18:00:00Z" });
    let session = shop.api.post(&sessions, body).await.is(201)["data"].clone();
    assert_eq!(
        (&session["status"], &session["startsAt"]),
        (&json!("scheduled"), &json!("2026-06-01T18:00:00Z"))
    );
    let path = format!("/api/v1/live-sessions/{}", text(&session["id"]));
    shop.api.post(&format!("{path}/end"), json!({})).await.is(422);
    let early = json!({ "url": "https://files.example/early.mp4" });
    shop.api.post(&format!("{path}/recording"), early).await.is(422);
    for step in ["start", "start", "end", "end"] {
        shop.api.post(&format!("{path}/{step}"), json!({})).await.is(200);
    }
    shop.api.post(&format!("{path}/start"), json!({})).await.is(422);
    let recording = json!({ "url": "https://files.example/one.mp4" });
    let ready = shop.api.post(&format!("{path}/recording"), recording.clone()).await.is(201);
    let again = shop.api.post(&format!("{path}/recording"), recording).await.is(200);
    assert_eq!(ready, again);
    shop.api
        .post(&format!("{path}/recording"), json!({ "url": "ftp://x" }))
        .await
        .is(422);
    app.deliver_due().await;
    for name in events {
        assert_eq!(data(&sink, name).len(), 1, "{name}");
    }
    assert_eq!(data(&sink, "recording.ready")[0], ready["data"]);
    assert_eq!(ready["data"]["url"], "https://files.example/one.mp4");
    let listed = shop.api.get(&sessions).await.is(200);
    assert_eq!(listed["data"][0], shop.api.get(&path).await.is(200)["data"]);
    assert_eq!(listed["data"][0]["recordings"][0], ready["data"]);
    app.finish().await;
}
