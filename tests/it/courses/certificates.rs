//! Certificates: one for each completed enrolment, verifiable by anybody.

use super::{course, data, do_all, enrol, student, text};
use crate::harness::TestApp;
use serde_json::json;

#[actix_rt::test]
async fn the_last_lesson_brings_one_certificate() {
    let app = TestApp::start().await;
    let shop = app.shop("bigclass").await;
    let sink = app.sink().await;
    shop.endpoint(sink.url(), &["certificate.issued"]).await;
    let (id, made) = (student(&shop.api, "ann@example.com").await, course(&shop, "Colour <b>").await);
    let seat = enrol(&shop.api, &id, &made["id"]).await;
    for _ in 0..2 {
        do_all(&shop.api, &seat["id"], &made).await;
    }
    app.deliver_due().await;
    let issued = data(&sink, "certificate.issued");
    assert_eq!(issued.len(), 1);
    let certificate = &issued[0];
    assert_eq!(
        (
            &certificate["studentName"],
            &certificate["courseId"],
            &certificate["enrollmentId"]
        ),
        (&json!("Ann Meyer"), &made["id"], &seat["id"])
    );
    let url = text(&certificate["url"]);
    let path = &url[url.find("/certificates/").unwrap()..];
    let page = app.anonymous().get(path).await;
    assert!(page.status == 200 && page.header("content-type").starts_with("text/html"));
    assert!(page.text().contains("Ann Meyer") && page.text().contains("Colour &lt;b&gt;"));
    assert!(!page.text().contains("<script") && !page.text().contains("src="));
    for proof in [
        app.anonymous().get(&format!("{path}.json")).await.is(200),
        app.anonymous().header("Accept", "application/json").get(path).await.is(200),
    ] {
        assert_eq!(
            (&proof["data"]["number"], &proof["data"]["valid"]),
            (&certificate["number"], &json!(true))
        );
    }
    let absent = app.anonymous().get("/certificates/CT-2026-000000000000").await;
    assert!(absent.status == 404 && absent.header("content-type").starts_with("text/html"));
    let absent = app.anonymous().get("/certificates/CT-2026-000000000000.json").await.is(404);
    assert!(absent["error"].is_object(), "{absent}");
    app.finish().await;
}

#[actix_rt::test]
async fn a_nameless_student_does_not_show_the_whole_address() {
    let app = TestApp::start().await;
    let shop = app.shop("bigclass").await;
    let made = course(&shop, "Colour").await;
    let id = shop
        .api
        .post("/api/v1/students", json!({ "email": "ann@example.com" }))
        .await
        .is(201);
    let seat = enrol(&shop.api, &id["data"]["id"], &made["id"]).await;
    let done = do_all(&shop.api, &seat["id"], &made).await;
    let url = text(&done["certificateUrl"]);
    let page = app.anonymous().get(&url[url.find("/certificates/").unwrap()..]).await;
    assert!(page.text().contains("ann") && !page.text().contains("ann@example.com"));
    app.finish().await;
}
