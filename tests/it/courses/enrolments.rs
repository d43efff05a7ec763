//! Enrolments: idempotent, revoked and alive again, following access whatever gives or takes it.

use super::{buy, course, data, do_all, enrol, student, text};
use crate::harness::TestApp;
use futures_util::future::join_all;
use serde_json::json;

const EVENTS: [&str; 2] = ["enrollment.created", "enrollment.revoked"];

#[actix_rt::test]
async fn twenty_at_once_are_one_enrolment_and_one_event() {
    let app = TestApp::start().await;
    let shop = app.shop("bigclass").await;
    let sink = app.sink().await;
    shop.endpoint(sink.url(), &EVENTS).await;
    let (id, made) = (student(&shop.api, "ann@example.com").await, course(&shop, "Colour").await);
    let pair = json!({ "studentId": id, "courseId": made["id"] });
    let calls = (0..20).map(|_| shop.api.post("/api/v1/enrollments", pair.clone()));
    let answers = join_all(calls).await;
    let news = answers.iter().filter(|answer| answer.status == 201).count();
    let known = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!((news, known), (1, 19));
    assert!(answers.iter().all(|answer| answer.json == answers[0].json));
    app.deliver_due().await;
    assert_eq!(data(&sink, "enrollment.created"), [answers[0].json["data"].clone()]);
    app.finish().await;
}

#[actix_rt::test]
async fn a_revoked_enrolment_comes_alive_again() {
    let app = TestApp::start().await;
    let shop = app.shop("bigclass").await;
    let sink = app.sink().await;
    shop.endpoint(sink.url(), &EVENTS).await;
    let (id, made) = (student(&shop.api, "ann@example.com").await, course(&shop, "Colour").await);
    let seat = enrol(&shop.api, &id, &made["id"]).await;
    assert_eq!(
        (&seat["status"], &seat["studentEmail"], &seat["courses"][0]["title"]),
        (&json!("active"), &json!("ann@example.com"), &json!("Colour"))
    );
    let path = format!("/api/v1/enrollments/{}", text(&seat["id"]));
    for _ in 0..2 {
        assert!(matches!(shop.api.delete(&path).await.status, 200 | 204));
    }
    let read = shop.api.get(&path).await.is(200);
    assert_eq!(
        (&read["data"]["status"], &read["data"]["courses"]),
        (&json!("revoked"), &json!([]))
    );
    let lesson = json!({ "lessonId": made["modules"][0]["lessons"][0]["id"] });
    shop.api.post(&format!("{path}/progress"), lesson).await.is(422);
    let pair = json!({ "studentId": id, "courseId": made["id"] });
    let again = shop.api.post("/api/v1/enrollments", pair).await.is(200);
    assert_eq!(again["data"], seat);
    app.deliver_due().await;
    assert_eq!(data(&sink, "enrollment.created").len(), 2);
    assert_eq!(data(&sink, "enrollment.revoked").len(), 1);
    app.finish().await;
}

#[actix_rt::test]
async fn a_completed_one_that_was_revoked_is_active_again() {
    let app = TestApp::start().await;
    let shop = app.shop("bigclass").await;
    let sink = app.sink().await;
    shop.endpoint(sink.url(), &["certificate.issued"]).await;
    let (id, made) = (student(&shop.api, "ann@example.com").await, course(&shop, "Colour").await);
    let seat = enrol(&shop.api, &id, &made["id"]).await;
    assert_eq!(do_all(&shop.api, &seat["id"], &made).await["status"], "completed");
    let path = format!("/api/v1/enrollments/{}", text(&seat["id"]));
    assert!(matches!(shop.api.delete(&path).await.status, 200 | 204));
    let pair = json!({ "studentId": id, "courseId": made["id"] });
    let again = shop.api.post("/api/v1/enrollments", pair).await.is(200);
    assert_eq!(
        (&again["data"]["id"], &again["data"]["status"], &again["data"]["completedAt"]),
        (&seat["id"], &json!("active"), &json!(null))
    );
    assert_eq!(do_all(&shop.api, &seat["id"], &made).await["status"], "completed");
    app.deliver_due().await;
    assert_eq!(data(&sink, "certificate.issued").len(), 1);
    app.finish().await;
}

#[actix_rt::test]
async fn ids_that_resolve_to_nothing_are_404_and_missing_ones_422() {
    let app = TestApp::start().await;
    let (shop, other) = (app.shop("bigclass").await, app.shop("bigclass").await);
    let (id, made) = (student(&shop.api, "ann@example.com").await, course(&shop, "Colour").await);
    let foreign = (student(&other.api, "ann@example.com").await, course(&other, "Colour").await);
    let draft = shop.api.post("/api/v1/courses", json!({ "title": "Draft" })).await.is(201)["data"].clone();
    let unknown = json!("00000000-0000-7000-8000-000000000000");
    for (student, course) in [
        (&unknown, &made["id"]),
        (&id, &unknown),
        (&json!("nobody"), &made["id"]),
        (&id, &json!("nothing")),
        (&foreign.0, &made["id"]),
        (&id, &foreign.1["id"]),
        (&id, &draft["id"]),
    ] {
        let pair = json!({ "studentId": student, "courseId": course });
        let refused = shop.api.post("/api/v1/enrollments", pair).await.is(404);
        assert_eq!(refused["error"]["code"], "not_found");
    }
    for body in [
        json!({}),
        json!({ "studentId": id }),
        json!({ "studentId": 7, "courseId": made["id"] }),
    ] {
        shop.api.post("/api/v1/enrollments", body).await.is(422);
    }
    app.finish().await;
}

#[actix_rt::test]
async fn a_sale_enrols_and_its_refund_revokes() {
    let app = TestApp::start().await;
    let shop = app.shop("bigclass").await;
    let sink = app.sink().await;
    let events = [
        "student.created",
        "enrollment.created",
        "order.paid",
        "order.refunded",
        "enrollment.revoked",
    ];
    shop.endpoint(sink.url(), &events).await;
    let made = course(&shop, "Colour").await;
    let order = buy(&app, &shop, json!({ "course_id": made["id"], "email": "new@example.com" })).await;
    let students = shop.api.get("/api/v1/students").await.is(200);
    assert_eq!(students["data"][0]["email"], "new@example.com");
    assert_eq!(students["data"][0]["enrollments"][0]["status"], "active");
    let refund = format!("/api/v1/payments/{}/refund", text(&order["id"]));
    let refunded = shop.owner.post(&refund, json!({})).await;
    assert!(matches!(refunded.status, 200 | 201), "{}", refunded.text());
    app.deliver_due().await;
    for name in events {
        assert_eq!(data(&sink, name).len(), 1, "{name}");
    }
    let students = shop.api.get("/api/v1/students").await.is(200);
    assert_eq!(students["data"][0]["enrollments"][0]["status"], "revoked");
    app.finish().await;
}

#[actix_rt::test]
async fn progress_is_of_the_lessons_there_are() {
    let app = TestApp::start().await;
    let shop = app.shop("bigclass").await;
    let (id, made) = (student(&shop.api, "ann@example.com").await, course(&shop, "Colour").await);
    let seat = enrol(&shop.api, &id, &made["id"]).await;
    let path = format!("/api/v1/enrollments/{}/progress", text(&seat["id"]));
    let lesson = &made["modules"][0]["lessons"][0]["id"];
    let post = async |done: bool| {
        let body = json!({ "lesson_id": lesson, "completed": done });
        shop.api.post(&path, body).await.is(200)["data"]["progressPercent"].clone()
    };
    assert_eq!(
        (post(true).await, post(true).await, post(false).await),
        (json!(50), json!(50), json!(0))
    );
    shop.api.post(&path, json!({ "lessonId": "nothing" })).await.is(404);
    shop.api.post(&path, json!({})).await.is(422);
    let done = do_all(&shop.api, &seat["id"], &made).await;
    assert_eq!(
        (&done["status"], &done["progressPercent"]),
        (&json!("completed"), &json!(100))
    );
    assert_eq!(done["completedAt"], "2026-05-19T14:23:14Z");
    app.finish().await;
}
