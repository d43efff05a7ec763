//! What there is once is made once, however many ask at the same moment; the others are told that it is there.

use crate::files::{bought, buyer, published};
use crate::harness::{Client, TestApp};
use futures_util::future::join_all;
use serde_json::{Value, json};

/// Asks eight times at once: one makes it, the others learn that it exists. Answers what was made.
async fn made_once(client: &Client, path: &str, body: &Value) -> Value {
    let answers = join_all((0..8).map(|_| client.post(path, body.clone()))).await;
    let mut made = Vec::new();
    for answer in answers {
        if matches!(answer.status, 200 | 201) {
            made.push(answer.json);
            continue;
        }
        let told = answer.is(409).to_string();
        assert!(told.contains("exists") || told.contains("already"), "{path}: {told}");
    }
    assert_eq!(made.len(), 1, "{path}: {made:?}");
    made.remove(0)
}

#[actix_rt::test]
async fn names_and_codes_are_given_once_and_free_again_when_their_holder_is_gone() {
    let app = TestApp::start().await;
    let (shop, other) = (app.shop("fondaco").await, app.shop("fondaco").await);
    let members = [shop.product("brushes").await, shop.product("pens").await];
    let members = members.map(|product| json!({ "product_id": product }));
    let table = [
        ("/api/v1/entitlements", json!({ "name": "Premium", "code": "premium" })),
        (
            "/api/v1/coupons",
            json!({ "code": "SPRING", "discount_type": "percentage", "discount_value": 20 }),
        ),
        ("/api/v1/tags", json!({ "name": "Night", "slug": "night" })),
        ("/api/v1/categories", json!({ "name": "Night", "slug": "night" })),
        ("/api/v1/products", json!({ "name": "Paper", "slug": "paper", "price": 100 })),
        (
            "/api/v1/variant-groups",
            json!({ "name": "Sizes", "slug": "sizes", "products": members }),
        ),
    ];
    for (path, body) in &table {
        // Its calls of this minute would not be enough.
        app.advance(60).await;
        let made = made_once(&shop.api, path, body).await;
        let own = format!("{path}/{}", made["data"]["id"].as_str().unwrap());
        let gone = shop.api.delete(&own).await;
        assert!(matches!(gone.status, 200 | 204), "{path}: {}", gone.text());
        // A product's address stays its own: links to it must not lead to another one's.
        if path.ends_with("products") {
            shop.api.post(path, body.clone()).await.is(409);
        } else {
            made_once(&shop.api, path, body).await;
        }
        if !path.ends_with("variant-groups") {
            made_once(&other.api, path, body).await;
        }
    }
    app.finish().await;
}

#[actix_rt::test]
async fn another_ones_name_or_code_cannot_be_taken_by_a_change() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let table = [
        (
            "/api/v1/coupons",
            json!({ "code": "ONE", "discount_type": "percentage", "discount_value": 20 }),
            json!({ "code": "TWO" }),
        ),
        (
            "/api/v1/tags",
            json!({ "name": "1", "slug": "one" }),
            json!({ "slug": "two" }),
        ),
        (
            "/api/v1/categories",
            json!({ "name": "1", "slug": "one" }),
            json!({ "slug": "two" }),
        ),
        (
            "/api/v1/products",
            json!({ "name": "1", "slug": "one", "price": 100 }),
            json!({ "slug": "two" }),
        ),
        (
            "/api/v1/students",
            json!({ "email": "one@example.com" }),
            json!({ "email": "two@example.com" }),
        ),
    ];
    for (path, first, change) in &table {
        let made = shop.api.post(path, first.clone()).await.is(201);
        let mut second = first.clone();
        second.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        shop.api.post(path, second).await.is(201);
        let own = format!("{path}/{}", made["data"]["id"].as_str().unwrap());
        let told = shop.api.patch(&own, change.clone()).await.is(409).to_string();
        assert!(told.contains("exists") || told.contains("has this"), "{path}: {told}");
        let read = shop.api.get(&own).await.is(200);
        let (name, value) = first
            .as_object()
            .unwrap()
            .iter()
            .find(|(name, _)| change.get(name).is_some())
            .unwrap();
        assert_eq!(&read["data"][name], value, "{path}");
    }
    app.finish().await;
}

#[actix_rt::test]
async fn variants_and_trial_codes_of_the_license_server_are_made_once() {
    let app = TestApp::start().await;
    let shop = app.shop("cgls").await;
    let asked = |more: Value| {
        let mut body = json!({ "apiKey": shop.key });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let product = json!({ "name": "Plugin", "slug": "plugin-once" });
    made_once(&app.anonymous(), "/createProduct", &asked(product)).await;
    let variant = json!({ "productId": "plugin-once", "variantId": "team", "name": "Team" });
    made_once(&app.anonymous(), "/createVariant", &asked(variant)).await;
    let trial = json!({ "productId": "plugin-once", "code": "TRY", "trialDays": 7 });
    made_once(&app.anonymous(), "/createTrialCode", &asked(trial)).await;
    app.finish().await;
}

#[actix_rt::test]
async fn a_review_is_written_once_and_counted_once() {
    let app = TestApp::start().await;
    let shop = app.shop("openclaw").await;
    let slug = published(&shop, json!({ "title": "Skill One", "price_cents": 500 })).await;
    let ann = buyer(&app, "ann").await;
    bought(&app, &ann, &slug).await;
    made_once(&ann, &format!("/v1/products/{slug}/reviews"), &json!({ "rating": 5 })).await;
    let shown = app.anonymous().get(&format!("/v1/products/{slug}")).await.is(200);
    assert_eq!(
        (&shown["product"]["avg_rating"], &shown["product"]["review_count"]),
        (&json!(5.0), &json!(1))
    );
    app.finish().await;
}

#[actix_rt::test]
async fn a_seat_and_its_certificate_are_there_once_and_no_one_is_refused() {
    let app = TestApp::start().await;
    let shop = app.shop("bigclass").await;
    let sink = app.sink().await;
    shop.endpoint(sink.url(), &["enrollment.created", "certificate.issued"]).await;
    let lessons = json!([{ "title": "Primaries", "type": "video", "durationSeconds": 540 }]);
    let course = json!({
        "title": "Colour", "price": 4900, "currency": "EUR", "status": "published",
        "modules": [{ "title": "The wheel", "lessons": lessons }],
    });
    let course = shop.api.post("/api/v1/courses", course).await.is(201)["data"].clone();
    let student = json!({ "email": "ann@example.com", "name": "Ann Meyer" });
    let students = join_all((0..8).map(|_| shop.api.post("/api/v1/students", student.clone()))).await;
    let mut ids: Vec<Value> = students
        .into_iter()
        .map(|made| all_the_same(made.status, &made.json))
        .collect();
    ids.dedup();
    assert_eq!(ids.len(), 1);
    let pair = json!({ "studentId": ids[0], "courseId": course["id"] });
    let seats = join_all((0..8).map(|_| shop.api.post("/api/v1/enrollments", pair.clone()))).await;
    let mut seats: Vec<Value> = seats.into_iter().map(|made| all_the_same(made.status, &made.json)).collect();
    seats.dedup();
    assert_eq!(seats.len(), 1);
    let path = format!("/api/v1/enrollments/{}/progress", seats[0].as_str().unwrap());
    let done = json!({ "lessonId": course["modules"][0]["lessons"][0]["id"], "completed": true });
    for told in join_all((0..8).map(|_| shop.api.post(&path, done.clone()))).await {
        told.is(200);
    }
    app.deliver_due().await;
    let mut events: Vec<String> = sink
        .requests()
        .iter()
        .map(|one| one.header("x-tbc-event").to_owned())
        .collect();
    events.sort();
    assert_eq!(events, ["certificate.issued", "enrollment.created"]);
    app.finish().await;
}

/// The id in an answer that made something or found it.
fn all_the_same(status: u16, body: &Value) -> Value {
    assert!(matches!(status, 200 | 201), "{status}: {body}");
    body["data"]["id"].clone()
}

#[actix_rt::test]
async fn a_list_that_names_a_thing_twice_is_refused_or_names_it_once() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let part = shop.product("brushes").await;
    let tag = shop
        .api
        .post("/api/v1/tags", json!({ "name": "Night", "slug": "night" }))
        .await;
    let tag = tag.is(201)["data"]["id"].clone();
    let category = json!({ "name": "Night", "slug": "night" });
    let category = shop.api.post("/api/v1/categories", category).await.is(201)["data"]["id"].clone();
    let twice = [
        json!({ "tags": [tag, tag] }),
        json!({ "categories": [category, category] }),
        json!({ "is_bundle": true, "bundleItemIds": [part, part] }),
    ];
    for (number, more) in twice.into_iter().enumerate() {
        let mut body = json!({ "name": "P", "slug": format!("p-{number}"), "price": 100 });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let answer = shop.api.post("/api/v1/products", body).await;
        assert!(
            matches!(answer.status, 201 | 400),
            "{more}: {} {}",
            answer.status,
            answer.text()
        );
    }
    app.finish().await;
}
