//! Reviews: by buyers, once each, answered once; averages that are always right.

use crate::files::{bought, buyer, published};
use crate::harness::TestApp;
use serde_json::json;

#[actix_rt::test]
async fn only_who_bought_it_reviews_it_and_only_once() {
    let app = TestApp::start().await;
    let shop = app.shop("openclaw").await;
    let sink = app.sink().await;
    shop.endpoint(sink.url(), &["review.created", "review.updated"]).await;
    let slug = published(&shop, json!({ "title": "Skill One", "price_cents": 500 })).await;
    let path = format!("/v1/products/{slug}/reviews");
    let (ann, ben) = (buyer(&app, "ann").await, buyer(&app, "ben").await);
    let said = json!({ "rating": 5, "title": "<b>Good</b>", "body": "<script>alert(1)</script>" });
    app.anonymous().post(&path, said.clone()).await.is(401);
    let refused = ann.post(&path, said.clone()).await.is(403);
    assert!(refused.to_string().to_lowercase().contains("purchase"), "{refused}");
    bought(&app, &ann, &slug).await;
    bought(&app, &ben, &slug).await;
    for wrong in [
        json!({}),
        json!({ "rating": 0 }),
        json!({ "rating": 6 }),
        json!({ "rating": 4.5 }),
        json!({ "rating": "5" }),
    ] {
        ann.post(&path, wrong).await.is(400);
    }
    let made = ann.post(&path, said.clone()).await.is(201);
    let review = &made["review"];
    assert_eq!(
        (&review["title"], &review["body"]),
        (&json!("<b>Good</b>"), &json!("<script>alert(1)</script>"))
    );
    assert_eq!(
        (&review["profiles"]["username"], &review["creator_reply"]),
        (&json!("ann"), &json!(null))
    );
    ann.post(&path, said).await.is(409);
    ben.post(&path, json!({ "rating": 4 })).await.is(201);
    let shown = app.anonymous().get(&format!("/v1/products/{slug}")).await.is(200);
    assert_eq!(
        (&shown["product"]["avg_rating"], &shown["product"]["review_count"]),
        (&json!(4.5), &json!(2))
    );
    let one = format!("{path}/{}", review["id"].as_str().unwrap());
    ben.patch(&one, json!({ "rating": 1 })).await.is(403);
    let changed = ann.patch(&one, json!({ "rating": 2 })).await.is(200);
    assert_eq!(
        (&changed["review"]["rating"], &changed["review"]["title"]),
        (&json!(2), &json!("<b>Good</b>"))
    );
    ann.patch(&one, json!({ "rating": 9 })).await.is(400);
    let list = app.anonymous().get(&path).await.is(200);
    assert_eq!((&list["total"], list["reviews"].as_array().unwrap().len()), (&json!(2), 2));
    let shown = app.anonymous().get("/v1/products?sort=rating").await.is(200);
    assert_eq!(shown["products"][0]["avg_rating"], 3.0);
    app.deliver_due().await;
    let names: Vec<_> = sink.requests().iter().map(|request| request.json()["type"].clone()).collect();
    assert_eq!(names, ["review.created", "review.created", "review.updated"]);
    app.finish().await;
}

#[actix_rt::test]
async fn the_maker_replies_once() {
    let app = TestApp::start().await;
    let (shop, other) = (app.shop("openclaw").await, app.shop("openclaw").await);
    let slug = published(&shop, json!({ "title": "Skill One" })).await;
    let ann = buyer(&app, "ann").await;
    bought(&app, &ann, &slug).await;
    let path = format!("/v1/products/{slug}/reviews");
    let made = ann.post(&path, json!({ "rating": 3 })).await.is(201);
    let reply = format!("{path}/{}/reply", made["review"]["id"].as_str().unwrap());
    let said = json!({ "reply": "Thank you." });
    ann.post(&reply, said.clone()).await.is(403);
    other.owner.post(&reply, said.clone()).await.is(403);
    other.api.post(&reply, said.clone()).await.is(403);
    shop.owner.post(&reply, json!({})).await.is(400);
    shop.key("openclaw", &["purchases:write"])
        .await
        .post(&reply, said.clone())
        .await
        .is(403);
    let key = shop.key("openclaw", &["products:write"]).await;
    let replied = key.post(&reply, said.clone()).await.is(200);
    assert_eq!(replied["review"]["creator_reply"], "Thank you.");
    shop.owner.post(&reply, said.clone()).await.is(409);
    shop.owner
        .post(&format!("{path}/{}/reply", "00000000-0000-7000-8000-000000000000"), said)
        .await
        .is(404);
    app.finish().await;
}

#[actix_rt::test]
async fn twenty_at_once_are_one_review() {
    let app = TestApp::start().await;
    let shop = app.shop("openclaw").await;
    let slug = published(&shop, json!({ "title": "Skill One" })).await;
    let ann = buyer(&app, "ann").await;
    bought(&app, &ann, &slug).await;
    let path = format!("/v1/products/{slug}/reviews");
    let all = (1..=20).map(|n| ann.post(&path, json!({ "rating": n % 5 + 1 })));
    let mut statuses: Vec<u16> = futures_util::future::join_all(all)
        .await
        .iter()
        .map(|answer| answer.status)
        .collect();
    statuses.sort_unstable();
    assert_eq!(
        (statuses[0], statuses.iter().filter(|status| **status == 409).count()),
        (201, 19)
    );
    let shown = app.anonymous().get(&format!("/v1/products/{slug}")).await.is(200);
    let list = app.anonymous().get(&path).await.is(200);
    assert_eq!((&shown["product"]["review_count"], &list["total"]), (&json!(1), &json!(1)));
    assert_eq!(shown["product"]["avg_rating"].as_f64(), list["reviews"][0]["rating"].as_f64());
    app.finish().await;
}

#[actix_rt::test]
async fn a_review_is_taken_back_by_its_author_alone_and_may_be_written_anew() {
    let app = TestApp::start().await;
    let shop = app.shop("openclaw").await;
    let slug = published(&shop, json!({ "title": "Skill One" })).await;
    let (ann, ben) = (buyer(&app, "ann").await, buyer(&app, "ben").await);
    bought(&app, &ann, &slug).await;
    bought(&app, &ben, &slug).await;
    let path = format!("/v1/products/{slug}/reviews");
    let made = ann.post(&path, json!({ "rating": 2 })).await.is(201);
    ben.post(&path, json!({ "rating": 5 })).await.is(201);
    let one = format!("{path}/{}", made["review"]["id"].as_str().unwrap());
    let rated = async || {
        let shown = app.anonymous().get(&format!("/v1/products/{slug}")).await.is(200);
        let product = &shown["product"];
        (
            product["avg_rating"].as_f64().unwrap(),
            product["review_count"].as_i64().unwrap(),
        )
    };
    assert_eq!(rated().await, (3.5, 2));
    app.anonymous().delete(&one).await.is(401);
    ben.delete(&one).await.is(403);
    shop.owner.delete(&one).await.is(403);
    assert_eq!(ann.delete(&one).await.is(200), json!({ "success": true }));
    assert_eq!(rated().await, (5.0, 1));
    ann.delete(&one).await.is(404);
    ann.patch(&one, json!({ "rating": 1 })).await.is(404);
    assert_eq!(app.anonymous().get(&path).await.is(200)["total"], 1);
    ann.post(&path, json!({ "rating": 4 })).await.is(201);
    assert_eq!(rated().await, (4.5, 2));
    app.finish().await;
}

#[actix_rt::test]
async fn texts_are_texts_and_a_reply_is_a_change() {
    let app = TestApp::start().await;
    let shop = app.shop("openclaw").await;
    let sink = app.sink().await;
    shop.endpoint(sink.url(), &["review.created", "review.updated"]).await;
    let slug = published(&shop, json!({ "title": "Skill One" })).await;
    let (ann, ben) = (buyer(&app, "ann").await, buyer(&app, "ben").await);
    bought(&app, &ann, &slug).await;
    bought(&app, &ben, &slug).await;
    let path = format!("/v1/products/{slug}/reviews");
    let made = ann.post(&path, json!({ "rating": 3 })).await.is(201)["review"].clone();
    let other = ben
        .post(&path, json!({ "rating": 4, "title": null, "body": null }))
        .await
        .is(201);
    for review in [&made, &other["review"]] {
        assert_eq!((&review["title"], &review["body"]), (&json!(""), &json!("")));
    }
    app.advance(60).await;
    let reply = format!("{path}/{}/reply", made["id"].as_str().unwrap());
    let replied = shop.owner.post(&reply, json!({ "reply": "Thank you." })).await.is(200)["review"].clone();
    assert_ne!(replied["updated_at"], made["updated_at"]);
    assert_eq!(replied["updated_at"], replied["replied_at"]);
    app.deliver_due().await;
    let told = sink.requests();
    let data = &told.iter().find(|one| one.json()["type"] == "review.updated").unwrap().json()["data"];
    assert_eq!((&data["title"], &data["updated_at"]), (&json!(""), &replied["updated_at"]));
    app.finish().await;
}
