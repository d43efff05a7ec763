//! Courses with modules and lessons.

use super::{course, data, text};
use crate::harness::TestApp;
use serde_json::{Value, json};

#[actix_rt::test]
async fn keys_see_what_is_published_and_the_owner_everything() {
    let app = TestApp::start().await;
    let shop = app.shop("bigclass").await;
    let made = course(&shop, "Colour theory").await;
    let draft = shop.api.post("/api/v1/courses", json!({ "title": "Draft" })).await.is(201);
    let draft = text(&draft["data"]["id"]).to_owned();
    let reader = shop.key("bigclass", &["read:courses"]).await;
    for asked in ["", "?status=draft", "?status=all"] {
        let page = reader.get(&format!("/api/v1/courses{asked}")).await.is(200);
        assert_eq!(page["data"].as_array().unwrap().len(), 1, "{asked}");
        assert_eq!(page["data"][0]["id"], made["id"]);
        assert!(page["data"][0].get("modules").is_none());
    }
    let paging = &reader.get("/api/v1/courses").await.is(200)["pagination"];
    assert_eq!(
        paging,
        &json!({ "nextCursor": null, "hasMore": false, "limit": 20, "next_cursor": null, "has_more": false })
    );
    reader.get(&format!("/api/v1/courses/{draft}")).await.is(404);
    shop.owner.get(&format!("/api/v1/courses/{draft}")).await.is(200);
    let own = shop.owner.get("/api/v1/courses?status=draft").await.is(200);
    assert_eq!(own["data"][0]["id"], draft);
    let all = shop.owner.get("/api/v1/courses?status=all").await.is(200);
    assert_eq!(all["data"].as_array().unwrap().len(), 2);
    app.finish().await;
}

#[actix_rt::test]
async fn the_detail_carries_modules_and_lessons() {
    let app = TestApp::start().await;
    let shop = app.shop("bigclass").await;
    let made = course(&shop, "Colour theory").await;
    let read = shop.api.get(&format!("/api/v1/courses/{}", text(&made["id"]))).await.is(200);
    assert_eq!(read["data"], made);
    assert_eq!(
        (
            &made["title"],
            &made["slug"],
            &made["price"],
            &made["currency"],
            &made["status"]
        ),
        (
            &json!("Colour theory"),
            &json!("colour-theory"),
            &json!(4900),
            &json!("EUR"),
            &json!("published")
        )
    );
    let lesson = &made["modules"][0]["lessons"][0];
    assert_eq!(
        lesson,
        &json!({ "id": lesson["id"], "title": "Primaries", "position": 1, "type": "video", "durationSeconds": 540 })
    );
    assert_eq!(made["createdAt"], "2026-05-19T14:23:14Z");
    app.finish().await;
}

#[actix_rt::test]
async fn lessons_that_stay_keep_their_ids() {
    let app = TestApp::start().await;
    let shop = app.shop("bigclass").await;
    let made = course(&shop, "Colour theory").await;
    let path = format!("/api/v1/courses/{}", text(&made["id"]));
    let lessons = &made["modules"][0]["lessons"];
    let modules = json!([{ "title": "The wheel", "lessons": [
        { "title": "Secondaries" }, { "id": lessons[0]["id"], "title": "The three primaries" }, { "title": "Tertiaries" },
    ] }]);
    let changed = shop.api.patch(&path, json!({ "modules": modules })).await.is(200);
    let after = &changed["data"]["modules"][0];
    assert_eq!(after["id"], made["modules"][0]["id"]);
    assert_eq!(after["lessons"][0]["id"], lessons[1]["id"]);
    assert_eq!(after["lessons"][1]["id"], lessons[0]["id"]);
    assert_eq!(after["lessons"][1]["position"], 2);
    let foreign = json!([{ "id": "00000000-0000-7000-8000-000000000000", "title": "x" }]);
    let refused = shop.api.patch(&path, json!({ "modules": foreign })).await.is(422);
    assert!(refused["error"]["details"]["modules.0.id"].is_array(), "{refused}");
    assert_eq!(shop.api.get(&path).await.is(200)["data"]["modules"][0], *after);
    app.finish().await;
}

#[actix_rt::test]
async fn publishing_and_archiving_are_told_once_each() {
    let app = TestApp::start().await;
    let shop = app.shop("bigclass").await;
    let sink = app.sink().await;
    shop.endpoint(sink.url(), &["course.published", "course.archived"]).await;
    let made = course(&shop, "Colour theory").await;
    let path = format!("/api/v1/courses/{}", text(&made["id"]));
    for status in ["published", "archived", "archived", "draft", "published"] {
        shop.api.patch(&path, json!({ "status": status })).await.is(200);
    }
    shop.api.post("/api/v1/courses", json!({ "title": "Draft" })).await.is(201);
    app.deliver_due().await;
    let published = data(&sink, "course.published");
    assert_eq!(published.len(), 2);
    assert_eq!(published[0], made);
    let archived = data(&sink, "course.archived");
    assert_eq!((archived.len(), &archived[0]["status"]), (1, &json!("archived")));
    app.finish().await;
}

#[actix_rt::test]
async fn what_cannot_be_is_refused_with_422() {
    let app = TestApp::start().await;
    let shop = app.shop("bigclass").await;
    let cases: [Value; 6] = [
        json!({}),
        json!({ "title": "x", "price": -1 }),
        json!({ "title": "x", "status": "live" }),
        json!({ "title": "x", "currency": "XXX" }),
        json!({ "title": "x", "modules": [{ "lessons": [] }] }),
        json!({ "title": "x", "modules": "many" }),
    ];
    for body in cases {
        let refused = shop.api.post("/api/v1/courses", body.clone()).await.is(422);
        assert_eq!(refused["error"]["code"], "invalid_request", "{body}");
    }
    for query in ["limit=0", "limit=101", "limit=x", "cursor=nonsense"] {
        let refused = shop.api.get(&format!("/api/v1/courses?{query}")).await.is(422);
        assert_eq!(refused["error"]["code"], "invalid_request", "{query}");
    }
    for path in ["nonsense", "00000000-0000-7000-8000-000000000000"] {
        shop.api.get(&format!("/api/v1/courses/{path}")).await.is(404);
    }
    let other = app.shop("bigclass").await;
    let made = course(&shop, "Mine").await;
    other.api.get(&format!("/api/v1/courses/{}", text(&made["id"]))).await.is(404);
    app.finish().await;
}

#[actix_rt::test]
async fn the_list_is_walked_by_cursor_without_gaps() {
    let app = TestApp::start().await;
    let shop = app.shop("bigclass").await;
    for number in 0..5 {
        course(&shop, &format!("Course {number}")).await;
        shop.api.post("/api/v1/courses", json!({ "title": "Draft" })).await.is(201);
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = shop.api.get(&format!("/api/v1/courses?limit=2{cursor}")).await.is(200);
        let rows = page["data"].as_array().unwrap();
        seen.extend(rows.iter().map(|row| text(&row["title"]).to_owned()));
        let Some(next) = page["pagination"]["nextCursor"].as_str() else {
            break;
        };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, ["Course 4", "Course 3", "Course 2", "Course 1", "Course 0"]);
    app.finish().await;
}

#[actix_rt::test]
async fn a_status_that_is_changed_at_the_product_is_told_as_the_courses() {
    let app = TestApp::start().await;
    let shop = app.shop("bigclass").await;
    let sink = app.sink().await;
    shop.endpoint(sink.url(), &["course.published", "course.archived"]).await;
    let course = super::course(&shop, "Colour").await;
    let product = course["productId"]
        .as_str()
        .or(course["product_id"].as_str())
        .map(str::to_owned);
    let product = match product {
        Some(product) => product,
        None => shop.owner.get("/api/v1/products").await.is(200)["data"][0]["id"]
            .as_str()
            .unwrap()
            .to_owned(),
    };
    let path = format!("/api/v1/products/{product}");
    shop.owner.patch(&path, json!({ "is_active": false })).await.is(200);
    shop.owner.patch(&path, json!({ "is_active": true })).await.is(200);
    app.deliver_due().await;
    let told: Vec<_> = sink.requests().iter().map(|one| one.json()).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    app.finish().await;
}

#[actix_rt::test]
async fn owners_of_every_dialect_make_courses_in_their_own_words() {
    let app = TestApp::start().await;
    let own = app.shop("openclaw").await;
    let lessons = json!([{ "title": "Primaries", "duration_seconds": 540 }]);
    let body = json!({ "title": "Colour", "price_cents": 4900, "modules": [{ "title": "The wheel", "lessons": lessons }] });
    let made = own.owner.post("/api/v1/courses", body).await.is(201)["course"].clone();
    assert_eq!(
        (&made["price_cents"], &made["modules"][0]["lessons"][0]["duration_seconds"]),
        (&json!(4900), &json!(540))
    );
    let path = format!("/api/v1/courses/{}", text(&made["id"]));
    let changed = own.owner.patch(&path, json!({ "price": 5000 })).await.is(200);
    assert_eq!(changed["course"]["price_cents"], 5000);
    let list = own.owner.get("/api/v1/courses?status=all").await.is(200);
    assert_eq!(
        (list["courses"].as_array().unwrap().len(), &list["total_pages"]),
        (1, &json!(1))
    );
    let refused = own.owner.post("/api/v1/courses", json!({})).await.is(400);
    assert_eq!(refused["error"]["code"], "VALIDATION_ERROR");
    let native = app.shop("fondaco").await;
    let made = native
        .owner
        .post("/api/v1/courses", json!({ "title": "Colour" }))
        .await
        .is(201);
    assert!(made["data"].get("product_id").is_some(), "{made}");
    let class = app.shop("bigclass").await;
    let made = class
        .owner
        .post("/api/v1/courses", json!({ "title": "Colour" }))
        .await
        .is(201);
    assert!(made["data"].get("productId").is_some(), "{made}");
    app.finish().await;
}

#[actix_rt::test]
async fn a_slug_that_is_taken_is_told_without_a_word_of_products() {
    let app = TestApp::start().await;
    let shop = app.shop("bigclass").await;
    let body = json!({ "title": "Pub", "slug": "pub" });
    shop.api.post("/api/v1/courses", body.clone()).await.is(201);
    let other = shop.api.post("/api/v1/courses", json!({ "title": "Other" })).await.is(201);
    let refused = shop.api.post("/api/v1/courses", body).await.is(409);
    let path = format!("/api/v1/courses/{}", text(&other["data"]["id"]));
    let renamed = shop.api.patch(&path, json!({ "slug": "pub" })).await.is(409);
    for told in [refused, renamed] {
        assert_eq!(told["error"]["message"], "The slug `pub` is taken.");
    }
    let bare = shop.owner.post("/api/v1/checkout/sessions", json!({})).await.is(422);
    assert!(bare["error"]["details"]["productId"].is_array(), "{bare}");
    assert!(!bare.to_string().contains("product_id"), "{bare}");
    app.finish().await;
}
