//! Courses, students, enrolments, certificates, live sessions, orders and their summary, as a course platform's clients see
//! them.

mod analytics;
mod certificates;
mod content;
mod enrolments;
mod live;
mod orders;
mod students;

use crate::harness::{Client, Received, Shop, Sink, TestApp};
use serde_json::{Value, json};

/// A course of two lessons, published, made with the full key; the whole answer.
async fn course(shop: &Shop, title: &str) -> Value {
    let lessons = json!([
        { "title": "Primaries", "type": "video", "durationSeconds": 540 },
        { "title": "Secondaries", "type": "text" },
    ]);
    let body = json!({
        "title": title, "price": 4900, "currency": "EUR", "status": "published",
        "modules": [{ "title": "The wheel", "lessons": lessons }],
    });
    shop.api.post("/api/v1/courses", body).await.is(201)["data"].clone()
}

/// A student of this address; returns the id.
async fn student(api: &Client, email: &str) -> Value {
    let made = api
        .post("/api/v1/students", json!({ "email": email, "name": "Ann Meyer" }))
        .await;
    made.is(201)["data"]["id"].clone()
}

/// An enrolment; returns the whole answer.
async fn enrol(api: &Client, student: &Value, course: &Value) -> Value {
    let pair = json!({ "studentId": student, "courseId": course });
    api.post("/api/v1/enrollments", pair).await.is(201)["data"].clone()
}

/// Does both lessons of [`course`].
async fn do_all(api: &Client, seat: &Value, course: &Value) -> Value {
    let mut last = Value::Null;
    for lesson in course["modules"][0]["lessons"].as_array().unwrap() {
        let path = format!("/api/v1/enrollments/{}/progress", text(seat));
        let body = json!({ "lessonId": lesson["id"], "completed": true });
        last = api.post(&path, body).await.is(200)["data"].clone();
    }
    last
}

/// Buys a product or a course and pays with the test card; returns the order.
async fn buy(app: &TestApp, shop: &Shop, asked: Value) -> Value {
    let (_, page) = shop.checkout(asked).await;
    let paid = app.anonymous().form(&page, &[("card", "4242424242424242")]).await;
    assert_eq!(paid.status, 303, "{}", paid.text());
    shop.api.get("/api/v1/orders").await.is(200)["data"][0].clone()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// The deliveries of one event, oldest first.
fn told(sink: &Sink, name: &str) -> Vec<Received> {
    let all = sink.requests().into_iter();
    all.filter(|one| one.header("x-tbc-event") == name).collect()
}

/// The bodies' `data` of one event, oldest first.
fn data(sink: &Sink, name: &str) -> Vec<Value> {
    told(sink, name).iter().map(|one| one.json()["data"].clone()).collect()
}
