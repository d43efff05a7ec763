//! A room too large to be looked through for every page: what narrowed lists hold is remembered and told right all the same.

use super::{id, page, product};
use crate::harness::{Client, Shop, TestApp};
use entities::product::{self as row, Column, Model};
use fondaco::domain::Mode;
use fondaco::store::counters::CounterKey;
use fondaco::store::grams;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::json;
use uuid::Uuid;

/// Products of the room besides the first one, which is older than they are.
const COPIES: usize = 1_100;

async fn stocked(app: &TestApp, shop: &Shop) -> String {
    let first = id(&product(shop, "first", json!({ "description": "The very first" })).await);
    let store = app.store();
    let select = row::anywhere().filter(Column::Id.eq(Uuid::parse_str(&first).unwrap()));
    let pattern = select.one(store.read()).await.unwrap().unwrap();
    let copy = |n: usize| Model {
        id: Uuid::from_u128(pattern.id.as_u128() + n as u128 + 1),
        slug: format!("copy-{n}"),
        name: format!("Copy {n}"),
        description: None,
        created_at: pattern.created_at + 1 + n as i64,
        ..pattern.clone()
    };
    let copies: Vec<Model> = (0..COPIES).map(copy).collect();
    let key = move |name: &str| CounterKey::new(pattern.tenant, Mode::from(pattern.mode), name);
    store
        .command(async move |tx| {
            for some in copies.chunks(100) {
                let some = some.iter().cloned().map(IntoActiveModel::into_active_model);
                row::Entity::insert_many(some).exec_without_returning(tx).await?;
            }
            tx.count(key("products"), COPIES as i64);
            tx.count(key("products.active"), COPIES as i64);
            Ok(())
        })
        .await
        .unwrap();
    first
}

async fn total(client: &Client, query: &str) -> (usize, u64) {
    let path = format!("/api/v1/products?limit=100&{query}");
    let page = client.get(&path).await.is(200);
    let rows = page["data"].as_array().unwrap().len();
    (rows, page["pagination"]["total"].as_u64().unwrap())
}

#[actix_rt::test]
async fn searches_of_a_large_room_follow_every_change() {
    let app = TestApp::start().await;
    let (shop, other) = (app.shop("sellf").await, app.shop("sellf").await);
    product(&other, "copy-77", json!({ "name": "Copy 77" })).await;
    let first = stocked(&app, &shop).await;
    let own = format!("/api/v1/products/{first}");
    for _ in 0..2 {
        for (query, expected) in [
            ("search=copy%2077", (11, 11)),
            ("search=COPY%2077&sort_by=name&sort_order=asc", (11, 11)),
            ("search=very%20first", (1, 1)),
            ("search=77", (20, 20)),
            ("search=copy", (100, 1_100)),
            ("search=nowhere", (0, 0)),
            ("search=co%25y", (0, 0)),
            ("status=inactive", (0, 0)),
            ("status=active", (100, 1_101)),
        ] {
            assert_eq!(total(&shop.api, query).await, expected, "{query}");
        }
        while grams::add(&app.store()).await.unwrap() {}
    }
    for (name, expected) in [("Copy 77 again", 12), ("Another", 11), ("Once more copy 77", 12)] {
        shop.api.patch(&own, json!({ "name": name })).await.is(200);
        assert_eq!(total(&shop.api, "search=copy%2077").await.1, expected, "{name}");
        while grams::add(&app.store()).await.unwrap() {}
        assert_eq!(total(&shop.api, "search=copy%2077").await.1, expected, "{name}");
    }
    shop.api.patch(&own, json!({ "is_active": false })).await.is(200);
    assert_eq!(total(&shop.api, "status=inactive&sort_by=name").await, (1, 1));
    assert_eq!(total(&shop.api, "status=active&search=copy%2077").await, (11, 11));
    shop.api.delete(&own).await.is(204);
    assert_eq!(total(&shop.api, "search=copy%2077").await, (11, 11));
    assert_eq!(total(&shop.api, "status=inactive").await, (0, 0));
    app.finish().await;
}

#[actix_rt::test]
async fn labels_of_a_large_room_follow_every_change() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let first = stocked(&app, &shop).await;
    let tag = json!({ "name": "Rare", "slug": "rare" });
    let tag = id(&shop.api.post("/api/v1/tags", tag).await.is(201)["data"]);
    assert_eq!(total(&shop.api, "tag=rare").await, (0, 0));
    let tagged = json!({ "tags": [tag] });
    shop.api.patch(&format!("/api/v1/products/{first}"), tagged).await.is(200);
    for query in ["tag=rare".to_owned(), format!("tag={tag}&sort_by=price")] {
        let path = format!("/api/v1/products?{query}");
        assert_eq!(page(&shop.api, &path).await, std::slice::from_ref(&first), "{query}");
    }
    let renamed = json!({ "slug": "seldom" });
    shop.api.patch(&format!("/api/v1/tags/{tag}"), renamed).await.is(200);
    assert_eq!(total(&shop.api, "tag=rare").await, (0, 0));
    assert_eq!(total(&shop.api, "tag=seldom").await, (1, 1));
    shop.api.delete(&format!("/api/v1/tags/{tag}")).await.is(204);
    assert_eq!(total(&shop.api, "tag=seldom").await, (0, 0));
    app.finish().await;
}

#[actix_rt::test]
async fn numbered_pages_are_the_same_from_either_end() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let first = stocked(&app, &shop).await;
    let (_, key) = shop.minted(&app, json!({ "name": "pages", "dialect": "openclaw" })).await;
    let api = shop.with(&key);
    let (mut seen, pages) = (Vec::new(), (COPIES + 1).div_ceil(100));
    for number in 1..=pages + 1 {
        let path = format!("/v1/creator/products?per_page=100&page={number}");
        let page = api.get(&path).await.is(200);
        assert_eq!((&page["total"], &page["total_pages"]), (&json!(COPIES + 1), &json!(pages)));
        let rows = page["products"].as_array().unwrap().iter();
        seen.extend(rows.map(|row| row["title"].as_str().unwrap().to_owned()));
    }
    let expected: Vec<String> = (0..COPIES).rev().map(|n| format!("Copy {n}")).collect();
    assert_eq!(seen.len(), COPIES + 1);
    assert_eq!(seen[..COPIES], expected);
    let last = api
        .get(&format!("/v1/creator/products?per_page=1&page={}", COPIES + 1))
        .await
        .is(200);
    assert_eq!(last["products"][0]["id"], json!(first));
    app.finish().await;
}
