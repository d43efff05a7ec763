//! Tags and categories, alone and on products.

use super::{NOBODY, faulty, id, page, product};
use crate::harness::TestApp;
use serde_json::json;

#[actix_rt::test]
async fn a_tag_is_made_read_changed_and_gone() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    for path in ["/api/v1/tags", "/api/v1/categories"] {
        let made = shop
            .api
            .post(path, json!({ "name": " Night ", "slug": "Night_1" }))
            .await
            .is(201)["data"]
            .clone();
        assert_eq!(made.as_object().unwrap().len(), 4);
        assert_eq!((&made["name"], &made["slug"]), (&json!("Night"), &json!("Night_1")));
        let own = format!("{path}/{}", id(&made));
        shop.api.get(&own).await.equals(200, json!({ "data": made }));
        let changed = shop.api.patch(&own, json!({ "name": "Day" })).await.is(200);
        assert_eq!(
            (&changed["data"]["name"], &changed["data"]["slug"]),
            (&json!("Day"), &json!("Night_1"))
        );
        let list = shop.api.get(path).await.is(200);
        assert_eq!(
            (&list["data"][0], &list["pagination"]["total"]),
            (&changed["data"], &json!(1))
        );
        let again = shop
            .api
            .post(path, json!({ "name": "Other", "slug": "Night_1" }))
            .await
            .is(409);
        assert_eq!(again["error"]["code"], "CONFLICT");
        assert_eq!(
            shop.api.patch(&own, json!({})).await.is(400)["error"]["code"],
            "INVALID_INPUT"
        );
        for (body, field) in [
            (json!({ "name": "", "slug": "a" }), "name"),
            (json!({ "name": "a" }), "slug"),
            (json!({ "name": "a", "slug": "a b" }), "slug"),
            (json!({ "name": "a", "slug": "b", "colour": "red" }), "colour"),
            (json!({ "name": "x".repeat(51), "slug": "b" }), "name"),
        ] {
            let told = faulty(shop.api.post(path, body.clone()).await, "VALIDATION_ERROR");
            assert_eq!(told, [field], "{body}");
        }
        assert_eq!(
            shop.api.get(&format!("{path}/x")).await.is(400)["error"]["code"],
            "INVALID_INPUT"
        );
        shop.api.get(&format!("{path}/{NOBODY}")).await.is(404);
        shop.api.delete(&own).await.is(204);
        shop.api.delete(&own).await.is(404);
        assert_eq!(shop.api.get(path).await.is(200)["pagination"]["total"], 0);
    }
    app.finish().await;
}

#[actix_rt::test]
async fn lists_of_tags_are_searched_sorted_and_cut() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    for (name, slug) in [("Beta", "z_1"), ("alpha", "y"), ("Gamma", "x")] {
        shop.api
            .post("/api/v1/tags", json!({ "name": name, "slug": slug }))
            .await
            .is(201);
        app.advance(1).await;
    }
    let names = async |query: &str| {
        let page = shop.api.get(&format!("/api/v1/tags?{query}")).await.is(200);
        let names = page["data"].as_array().unwrap().iter().map(|tag| tag["name"].clone());
        names.collect::<Vec<_>>()
    };
    assert_eq!(names("").await, ["Gamma", "alpha", "Beta"]);
    assert_eq!(names("sort_by=slug&sort_order=asc").await, ["Gamma", "alpha", "Beta"]);
    assert_eq!(names("sort_by=colour").await, ["Gamma", "alpha", "Beta"]);
    assert_eq!(names("search=_").await, ["Beta"]);
    assert_eq!(names("search=ALPH").await, ["alpha"]);
    let first = shop.api.get("/api/v1/tags?limit=2").await.is(200);
    let cursor = first["pagination"]["next_cursor"].as_str().unwrap();
    assert_eq!(names(&format!("limit=2&cursor={cursor}")).await, ["Beta"]);
    app.finish().await;
}

#[actix_rt::test]
async fn products_carry_their_labels_and_are_found_by_them() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let made = async |path: &str, slug: &str| {
        let made = shop.api.post(path, json!({ "name": slug, "slug": slug })).await.is(201);
        id(&made["data"])
    };
    let (night, day) = (made("/api/v1/tags", "night").await, made("/api/v1/tags", "day").await);
    let tools = made("/api/v1/categories", "tools").await;
    let both = product(&shop, "both", json!({ "tags": [day, night, day], "categories": [tools] })).await;
    assert_eq!(both["tags"][0], json!({ "id": day, "name": "day", "slug": "day" }));
    assert_eq!(both["tags"].as_array().unwrap().len(), 2);
    let one = id(&product(&shop, "one", json!({ "tags": [night] })).await);
    let both = id(&both);
    for (query, mut expected) in [
        (format!("tag={night}"), vec![&one, &both]),
        ("tag=night,day".to_owned(), vec![&both]),
        ("tag=night&category=tools".to_owned(), vec![&both]),
        ("tag=nothing".to_owned(), vec![]),
        (format!("category={NOBODY}"), vec![]),
    ] {
        let mut found = page(&shop.api, &format!("/api/v1/products?{query}")).await;
        found.sort();
        expected.sort();
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{query}");
        let total = shop.api.get(&format!("/api/v1/products?{query}")).await.is(200)["pagination"]["total"].clone();
        assert_eq!(total, expected.len(), "{query}");
    }
    let many = vec!["a"; 21].join(",");
    for query in ["tag=a%20b", "category=%2F", &format!("tag={many}")] {
        let refused = shop.api.get(&format!("/api/v1/products?{query}")).await.is(400);
        assert_eq!(refused["error"]["code"], "INVALID_INPUT", "{query}");
    }
    let plain = shop.api.get("/api/v1/products").await.is(200);
    assert!(plain["data"][0].get("tags").is_none() && plain["data"][0].get("categories").is_none());
    let rich = shop.api.get("/api/v1/products?embed=tags,categories,sauce").await.is(200);
    assert_eq!(rich["data"][0]["tags"].as_array().unwrap().len(), 1);
    assert_eq!(rich["data"][1]["categories"][0]["slug"], "tools");
    let path = format!("/api/v1/products/{both}");
    let changed = shop.api.patch(&path, json!({ "tags": [] })).await.is(200);
    assert_eq!(
        (&changed["data"]["tags"], &changed["data"]["categories"][0]["slug"]),
        (&json!([]), &json!("tools"))
    );
    shop.api.delete(&format!("/api/v1/categories/{tools}")).await.is(204);
    assert_eq!(shop.api.get(&path).await.is(200)["data"]["categories"], json!([]));
    app.finish().await;
}

#[actix_rt::test]
async fn labels_of_another_shop_are_none() {
    let app = TestApp::start().await;
    let (shop, other) = (app.shop("sellf").await, app.shop("sellf").await);
    let tag = shop
        .api
        .post("/api/v1/tags", json!({ "name": "a", "slug": "a" }))
        .await
        .is(201);
    let tag = id(&tag["data"]);
    let body = json!({ "name": "P", "slug": "p", "price": 1, "tags": [tag] });
    assert_eq!(
        faulty(other.api.post("/api/v1/products", body).await, "VALIDATION_ERROR"),
        ["tags.0"]
    );
    other.api.delete(&format!("/api/v1/tags/{tag}")).await.is(404);
    product(&shop, "mine", json!({ "tags": [tag] })).await;
    assert!(page(&other.api, &format!("/api/v1/products?tag={tag}")).await.is_empty());
    app.finish().await;
}
