//! The shelf: what it shows, in which order, and how much of it there is.

use crate::files::published;
use crate::harness::{Client, TestApp};
use serde_json::{Value, json};

fn slugs(list: &Value) -> Vec<&str> {
    let products = list["products"].as_array().unwrap();
    products.iter().map(|product| product["slug"].as_str().unwrap()).collect()
}

#[actix_rt::test]
async fn everything_is_found_by_what_it_is_and_costs() {
    let app = TestApp::start().await;
    let (one, two) = (app.shop("openclaw").await, app.shop("openclaw").await);
    published(
        &one,
        json!({ "title": "Red pen", "slug": "red", "type": "skill", "price_cents": 300, "category": "ink" }),
    )
    .await;
    app.advance(1).await;
    published(
        &two,
        json!({ "title": "Blue pen", "slug": "blue", "type": "bundle", "price_cents": 100, "description": "Of 100% ink" }),
    )
    .await;
    app.advance(1).await;
    published(
        &one,
        json!({ "title": "Ruler", "slug": "ruler", "type": "skill", "price_cents": 200 }),
    )
    .await;
    one.api
        .post("/v1/creator/products", json!({ "title": "Not yet", "type": "skill" }))
        .await
        .is(201);
    for (query, expected) in [
        ("", vec!["ruler", "blue", "red"]),
        ("sort=newest", vec!["ruler", "blue", "red"]),
        ("sort=nonsense&unknown=1", vec!["ruler", "blue", "red"]),
        ("sort=price_asc", vec!["blue", "ruler", "red"]),
        ("sort=price_desc", vec!["red", "ruler", "blue"]),
        ("type=skill", vec!["ruler", "red"]),
        ("type=Skill", vec![]),
        ("q=PEN", vec!["blue", "red"]),
        ("search=100%25", vec!["blue"]),
        ("category=ink", vec!["red"]),
        ("min_price=200", vec!["ruler", "red"]),
        ("max_price=200&sort=price_asc", vec!["blue", "ruler"]),
        ("min_price=150&max_price=250", vec!["ruler"]),
        ("per_page=2", vec!["ruler", "blue"]),
        ("per_page=2&page=2", vec!["red"]),
        ("per_page=2&page=3", vec![]),
    ] {
        let list = app.anonymous().get(&format!("/v1/products?{query}")).await.is(200);
        assert_eq!(slugs(&list), expected, "{query}");
        if !query.contains("page") {
            assert_eq!(list["total"], expected.len(), "{query}");
        }
    }
    let page = app.anonymous().get("/v1/products?per_page=2&page=2").await.is(200);
    assert_eq!(
        (&page["page"], &page["per_page"], &page["total"], &page["total_pages"]),
        (&json!(2), &json!(2), &json!(3), &json!(2))
    );
    let wide = app.anonymous().get("/v1/products?per_page=500").await.is(200);
    assert_eq!(wide["per_page"], 100);
    app.finish().await;
}

#[actix_rt::test]
async fn the_total_follows_every_way_on_and_off_the_shelf() {
    let app = TestApp::start().await;
    let shop = app.shop("openclaw").await;
    let total = async || app.anonymous().get("/v1/products").await.is(200)["total"].clone();
    assert_eq!(total().await, 0);
    let slug = published(&shop, json!({ "title": "Pen" })).await;
    published(&shop, json!({ "title": "Ink" })).await;
    assert_eq!(total().await, 2);
    let path = format!("/v1/creator/products/{slug}");
    for (status, expected) in [
        ("archived", 1),
        ("archived", 1),
        ("published", 2),
        ("published", 2),
        ("draft", 1),
    ] {
        shop.api.patch(&path, json!({ "status": status })).await.is(200);
        assert_eq!(total().await, expected, "{status}");
    }
    shop.api.patch(&path, json!({ "status": "published" })).await.is(200);
    let tenant = format!("/operator/v1/tenants/{}", shop.tenant);
    app.operator().patch(&tenant, json!({ "suspended": true })).await.is(200);
    assert_eq!(total().await, 0);
    app.operator().patch(&tenant, json!({ "suspended": false })).await.is(200);
    assert_eq!(total().await, 2);
    app.finish().await;
}

#[actix_rt::test]
async fn a_look_of_anybody_counts_without_a_write_and_survives_a_clean_stop() {
    let mut app = TestApp::start().await;
    let shop = app.shop("openclaw").await;
    let slug = published(&shop, json!({ "title": "Pen" })).await;
    let path = format!("/v1/products/{slug}");
    let views = async |app: &TestApp| {
        let overview = shop.api.at(app.url()).get("/v1/creator/analytics/overview").await.is(200);
        overview["views"].as_i64().unwrap()
    };
    for _ in 0..5 {
        app.anonymous().get(&path).await.is(200);
    }
    shop.api.get(&path).await.is(200);
    shop.owner.get(&path).await.is(200);
    assert_eq!(
        app.anonymous().call("HEAD", &path, None).await.status,
        200,
        "a head is no look"
    );
    app.anonymous().get("/v1/products/nothing").await.is(404);
    assert_eq!(views(&app).await, 0, "nothing is written at once");
    app.advance(0).await;
    assert_eq!(views(&app).await, 5);
    for _ in 0..3 {
        app.anonymous().get(&path).await.is(200);
    }
    app.restart().await;
    assert_eq!(views(&app).await, 8);
    app.finish().await;
}

#[actix_rt::test]
async fn a_product_is_shown_with_its_pictures_and_its_maker() {
    let app = TestApp::start().await;
    let shop = app.shop("openclaw").await;
    let images =
        json!([{ "url": "https://cdn.example/b.png", "position": 2 }, { "url": "https://cdn.example/a.png", "position": 1 }]);
    let slug = published(&shop, json!({ "title": "Pen", "price_cents": 250, "images": images })).await;
    let shown = app.anonymous().get(&format!("/v1/products/{slug}")).await.is(200);
    let product = &shown["product"];
    assert_eq!(
        product["images"][0],
        json!({ "url": "https://cdn.example/a.png", "position": 1 })
    );
    assert_eq!(
        product["profiles"],
        json!({ "username": shop.slug, "display_name": "Test shop" })
    );
    assert_eq!(
        (&product["profiles"], &product["avg_rating"]),
        (&product["creator"], &json!(0.0))
    );
    app.finish().await;
}

#[actix_rt::test]
async fn an_address_is_made_of_a_title_in_any_script_and_is_nobody_elses() {
    let app = TestApp::start().await;
    let (shop, other) = (app.shop("openclaw").await, app.shop("openclaw").await);
    let made = async |shop: &crate::harness::Shop, title: &str| {
        let made = shop
            .owner
            .post("/v1/creator/products", json!({ "title": title }))
            .await
            .is(201);
        made["product"]["slug"].as_str().unwrap().to_owned()
    };
    assert_eq!(made(&shop, "Ünïcode Straße № 1").await, "unicode-strasse-no-1");
    assert_eq!(made(&shop, "Łódź").await, "lodz");
    assert_eq!(made(&shop, "Привет, мир").await, "privet-mir");
    assert_eq!(made(&shop, "日本語").await, "ri-ben-yu");
    assert_eq!(made(&shop, "!!!").await, "product");
    assert_eq!(made(&other, "Lodz").await, "lodz-2");
    for number in 3..=60 {
        let slug = made(&other, "Łódź").await;
        let end = slug.strip_prefix("lodz-").unwrap();
        assert!(end == number.to_string() || (number > 50 && end.len() == 8), "{slug}");
    }
    app.finish().await;
}

#[actix_rt::test]
async fn letters_beyond_ascii_are_found_as_they_are_written() {
    let app = TestApp::start().await;
    let shop = app.shop("openclaw").await;
    published(&shop, json!({ "title": "École", "slug": "school" })).await;
    for (sought, number) in [("École", 1), ("cole", 1), ("COLE", 1), ("Ecole", 0), ("%", 0)] {
        let list = app.anonymous().get(&format!("/v1/products?search={sought}")).await.is(200);
        assert_eq!(list["total"], number, "{sought}");
    }
    app.finish().await;
}

#[actix_rt::test]
async fn letters_of_any_language_are_found_in_either_case() {
    let app = TestApp::start().await;
    let shop = app.shop("openclaw").await;
    for title in ["Ärger_mit 50%", "ärgerlich", "Жук и ЖАБА", "Arger"] {
        published(&shop, json!({ "title": title, "price_cents": 100 })).await;
    }
    let list = async |client: &Client, path: &str, name: &str| -> Vec<String> {
        let page = client.get(path).await.is(200);
        let title = |one: &Value| one["title"].as_str().unwrap().to_owned();
        let mut found: Vec<String> = page[name].as_array().unwrap().iter().map(title).collect();
        found.sort();
        found
    };
    let anybody = app.anonymous();
    for q in ["Ärger", "ÄRGER", "ärger", "%20%20ärger%20%20", "äRG"] {
        let found = list(&anybody, &format!("/v1/products?q={q}"), "products").await;
        assert_eq!(found, ["Ärger_mit 50%", "ärgerlich"], "{q}");
        let own = list(&shop.api, &format!("/v1/creator/products?q={q}"), "products").await;
        assert_eq!(own, found, "{q}");
    }
    for (q, expected) in [
        ("жук", vec!["Жук и ЖАБА"]),
        ("ЖАБА", vec!["Жук и ЖАБА"]),
        ("Ärger_m", vec!["Ärger_mit 50%"]),
        ("Ärger%25", vec![]),
        ("arger", vec!["Arger"]),
        ("ä_g", vec![]),
    ] {
        assert_eq!(
            list(&anybody, &format!("/v1/products?q={q}"), "products").await,
            expected,
            "{q}"
        );
    }
    app.finish().await;
}

#[actix_rt::test]
async fn null_is_absent_and_a_change_of_nothing_is_refused() {
    let app = TestApp::start().await;
    let shop = app.shop("openclaw").await;
    let nulls = json!({
        "title": "Bare Skill", "slug": null, "description": null, "type": null, "price_cents": null, "currency": null,
    });
    let made = shop.api.post("/v1/creator/products", nulls).await.is(201);
    assert_eq!(
        (
            &made["product"]["slug"],
            &made["product"]["price_cents"],
            &made["product"]["currency"]
        ),
        (&json!("bare-skill"), &json!(0), &json!("USD"))
    );
    for nothing in [json!({}), json!({ "unknown": 1 })] {
        shop.api.patch("/v1/creator/products/bare-skill", nothing).await.is(400);
    }
    app.finish().await;
}
