//! Students: made, changed, deleted, listed with what they are enrolled in.

use super::{course, data, enrol, student, text};
use crate::harness::TestApp;
use serde_json::json;

#[actix_rt::test]
async fn a_known_address_answers_the_student_there_is() {
    let app = TestApp::start().await;
    let shop = app.shop("bigclass").await;
    let sink = app.sink().await;
    shop.endpoint(sink.url(), &["student.created"]).await;
    let body = json!({
        "email": "Ann@Example.com", "name": "Ann Meyer", "phone": "+49 30 1", "externalId": "crm-1",
        "metadata": { "leadSource": "fair" },
    });
    let made = shop.api.post("/api/v1/students", body.clone()).await.is(201)["data"].clone();
    assert_eq!(
        (&made["email"], &made["externalId"], &made["metadata"], &made["enrollments"]),
        (
            &json!("ann@example.com"),
            &json!("crm-1"),
            &json!({ "leadSource": "fair" }),
            &json!([])
        )
    );
    let again = shop.api.post("/api/v1/students", body).await.is(200);
    assert_eq!(again["data"], made);
    app.deliver_due().await;
    assert_eq!(data(&sink, "student.created"), [made]);
    app.finish().await;
}

#[actix_rt::test]
async fn changes_and_the_end_are_told() {
    let app = TestApp::start().await;
    let shop = app.shop("bigclass").await;
    let sink = app.sink().await;
    let events = ["student.updated", "student.deleted", "enrollment.revoked"];
    shop.endpoint(sink.url(), &events).await;
    let (id, other) = (student(&shop.api, "ann@example.com").await, course(&shop, "Colour").await);
    student(&shop.api, "ben@example.com").await;
    enrol(&shop.api, &id, &other["id"]).await;
    let path = format!("/api/v1/students/{}", text(&id));
    let changed = shop.api.patch(&path, json!({ "name": "Ann M.", "phone": "1" })).await.is(200);
    assert_eq!(
        (&changed["data"]["name"], &changed["data"]["phone"]),
        (&json!("Ann M."), &json!("1"))
    );
    shop.api.patch(&path, json!({ "phone": "1" })).await.is(200);
    shop.api.patch(&path, json!({ "email": "ben@example.com" })).await.is(409);
    shop.api.patch(&path, json!({})).await.is(422);
    assert!(matches!(shop.api.delete(&path).await.status, 200 | 204));
    shop.api.get(&path).await.is(404);
    shop.api.delete(&path).await.is(404);
    app.deliver_due().await;
    assert_eq!(data(&sink, "student.updated"), [changed["data"].clone()]);
    assert_eq!(data(&sink, "enrollment.revoked").len(), 1);
    let gone = data(&sink, "student.deleted");
    assert_eq!((gone.len(), &gone[0]["enrollments"][0]["status"]), (1, &json!("revoked")));
    let page = shop.api.get("/api/v1/students").await.is(200);
    assert_eq!(page["data"].as_array().unwrap().len(), 1);
    student(&shop.api, "ann@example.com").await;
    app.finish().await;
}

#[actix_rt::test]
async fn the_list_carries_progress_and_history() {
    let app = TestApp::start().await;
    let shop = app.shop("bigclass").await;
    let (id, made) = (student(&shop.api, "ann@example.com").await, course(&shop, "Colour").await);
    let seat = enrol(&shop.api, &id, &made["id"]).await;
    let lesson = &made["modules"][0]["lessons"][0]["id"];
    let path = format!("/api/v1/enrollments/{}", text(&seat["id"]));
    shop.api
        .post(&format!("{path}/progress"), json!({ "lessonId": lesson, "completed": true }))
        .await
        .is(200);
    shop.api.delete(&path).await;
    let page = shop.api.get("/api/v1/students?email=ann@example.com").await.is(200);
    let history = &page["data"][0]["enrollments"];
    assert_eq!(history.as_array().unwrap().len(), 1);
    assert_eq!(
        (
            &history[0]["courseTitle"],
            &history[0]["progressPercent"],
            &history[0]["status"]
        ),
        (&json!("Colour"), &json!(50), &json!("revoked"))
    );
    app.finish().await;
}

#[actix_rt::test]
async fn bad_students_are_refused_with_422() {
    let app = TestApp::start().await;
    let shop = app.shop("bigclass").await;
    for body in [
        json!({}),
        json!({ "email": "nobody" }),
        json!({ "email": 7 }),
        json!({ "email": "a@b.example", "metadata": "x" }),
        json!({ "email": "a@b.example", "name": [] }),
    ] {
        let refused = shop.api.post("/api/v1/students", body.clone()).await.is(422);
        assert_eq!(refused["error"]["code"], "invalid_request", "{body}");
    }
    let raw = shop.api.raw(reqwest::Method::POST, "/api/v1/students", "{").await.is(422);
    assert_eq!(raw["error"]["code"], "invalid_request");
    shop.key("bigclass", &["read:students"])
        .await
        .post("/api/v1/students", json!({}))
        .await
        .is(403);
    app.finish().await;
}
