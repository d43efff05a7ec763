//! Narrowed lists of the shelf: asked again and again they follow every change at once.

use super::shelf::slugs;
use crate::files::{bought, buyer, published};
use crate::harness::{Client, Shop, TestApp};
use entities::product::{self as row, Column, Model};
use fondaco::domain::Mode;
use fondaco::store::counters::CounterKey;
use fondaco::store::{grams, known};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::{Value, json};

/// Products that are put on the shelf at once: more than a list's rows that are kept.
const COPIES: usize = 1_300;

/// What a list shows of itself: its slugs and how many there are.
async fn shown(client: &Client, query: &str) -> (Vec<String>, u64) {
    let list = client.get(&format!("/v1/products?{query}")).await.is(200);
    let shown = slugs(&list).into_iter().map(str::to_owned).collect();
    (shown, list["total"].as_u64().unwrap())
}

async fn expect(client: &Client, lists: &[(&str, &[&str])], when: &str) {
    for (query, expected) in lists {
        let (shown, total) = shown(client, query).await;
        assert_eq!(shown, *expected, "{query}, {when}");
        assert_eq!(total, expected.len() as u64, "{query}, {when}");
    }
}

/// Changes a product; returns its id.
async fn change(shop: &Shop, slug: &str, change: Value) -> String {
    let path = format!("/v1/creator/products/{slug}");
    let changed = shop.api.patch(&path, change).await.is(200);
    changed["product"]["id"].as_str().unwrap().to_owned()
}

async fn delete(shop: &Shop, id: &str) {
    let deleted = shop.owner.call("DELETE", &format!("/api/v1/products/{id}"), None).await;
    assert!(matches!(deleted.status, 200 | 204), "{}", deleted.text());
}

/// A pen and a quill of one shop, a ruler of another; the quill came last.
async fn desk(app: &TestApp) -> (Shop, Shop) {
    let (one, two) = (app.shop("openclaw").await, app.shop("openclaw").await);
    for (shop, slug, price, category) in [
        (&one, "pen", 300, "ink"),
        (&two, "ruler", 200, "wood"),
        (&one, "quill", 100, "ink"),
    ] {
        let body = json!({
            "title": format!("A fine {slug}"), "slug": slug, "type": "skill", "price_cents": price, "category": category,
        });
        published(shop, body).await;
        app.advance(1).await;
    }
    (one, two)
}

const INK: &str = "category=ink";
const CHEAP: &str = "max_price=200&sort=price_asc";
const FINE: &str = "q=FINE&type=skill";
const ALL: &str = "category=wood,ink&sort=price_desc";
const WOODEN: &str = "search=wooden";

#[actix_rt::test]
async fn the_same_narrowed_lists_follow_every_change_of_a_product() {
    let app = TestApp::start().await;
    let (one, two) = desk(&app).await;
    let expect = async |lists: &[(&str, &[&str])], when: &str| expect(&app.anonymous(), lists, when).await;
    let at_first: [(&str, &[&str]); 5] = [
        (INK, &["quill", "pen"]),
        (CHEAP, &["quill", "ruler"]),
        (FINE, &["quill", "ruler", "pen"]),
        (ALL, &["pen", "ruler", "quill"]),
        (WOODEN, &[]),
    ];
    expect(&at_first, "at first").await;
    expect(&at_first, "asked again").await;
    change(&two, "ruler", json!({ "status": "draft" })).await;
    let off: [(&str, &[&str]); 3] = [(CHEAP, &["quill"]), (FINE, &["quill", "pen"]), (ALL, &["pen", "quill"])];
    expect(&off, "taken off").await;
    change(&two, "ruler", json!({ "status": "published" })).await;
    expect(&at_first, "put back").await;
    change(&one, "pen", json!({ "price_cents": 150 })).await;
    let cheaper: [(&str, &[&str]); 2] = [(CHEAP, &["quill", "pen", "ruler"]), (ALL, &["ruler", "pen", "quill"])];
    expect(&cheaper, "of another price").await;
    change(&one, "pen", json!({ "category": "wood" })).await;
    expect(
        &[(INK, &["quill"]), ("category=wood", &["ruler", "pen"])],
        "of another category",
    )
    .await;
    change(&one, "pen", json!({ "title": "A pencil", "description": "Quite wooden" })).await;
    expect(&[(WOODEN, &["pen"]), (FINE, &["quill", "ruler"])], "of another name").await;
    change(&one, "quill", json!({ "type": "template" })).await;
    expect(&[(FINE, &["ruler"]), ("type=template", &["quill"])], "of another type").await;
    app.finish().await;
}

#[actix_rt::test]
async fn the_same_narrowed_lists_follow_products_that_come_and_go() {
    let app = TestApp::start().await;
    let (one, two) = desk(&app).await;
    let expect = async |lists: &[(&str, &[&str])], when: &str| expect(&app.anonymous(), lists, when).await;
    expect(&[(FINE, &["quill", "ruler", "pen"]), (WOODEN, &[])], "at first").await;
    let pen = change(&one, "pen", json!({ "type": "skill" })).await;
    delete(&one, &pen).await;
    expect(&[(INK, &["quill"]), (FINE, &["quill", "ruler"])], "deleted").await;
    let tenant = format!("/operator/v1/tenants/{}", two.tenant);
    for (is_suspended, left) in [(true, &["quill"][..]), (false, &["ruler", "quill"][..])] {
        let asked = json!({ "suspended": is_suspended });
        app.operator().patch(&tenant, asked).await.is(200);
        expect(&[(ALL, left)], &format!("suspended: {is_suspended}")).await;
    }
    let body = json!({ "title": "Wooden box", "slug": "box", "type": "skill", "category": "wood", "price_cents": 250 });
    published(&two, body).await;
    expect(&[(WOODEN, &["box"]), (ALL, &["box", "ruler", "quill"])], "a new one").await;
    app.finish().await;
}

#[actix_rt::test]
async fn narrowed_lists_are_ordered_by_what_is_true_now() {
    let app = TestApp::start().await;
    let shop = app.shop("openclaw").await;
    for slug in ["pen", "ink"] {
        published(
            &shop,
            json!({ "title": slug, "slug": slug, "type": "skill", "price_cents": 500 }),
        )
        .await;
        app.advance(1).await;
    }
    let (anybody, ann) = (app.anonymous(), buyer(&app, "ann").await);
    let (popular, rated) = ("type=skill&sort=popular", "type=skill&sort=rating");
    expect(&anybody, &[(popular, &["ink", "pen"]), (rated, &["ink", "pen"])], "at first").await;
    bought(&app, &ann, "pen").await;
    expect(&anybody, &[(popular, &["pen", "ink"])], "one is sold").await;
    let reviews = "/v1/products/pen/reviews";
    let made = ann.post(reviews, json!({ "rating": 5 })).await.is(201);
    expect(&anybody, &[(rated, &["pen", "ink"])], "one is rated").await;
    let list = anybody.get(&format!("/v1/products?{rated}")).await.is(200);
    assert_eq!(list["products"][0]["avg_rating"], 5.0);
    let one = format!("{reviews}/{}", made["review"]["id"].as_str().unwrap());
    ann.patch(&one, json!({ "rating": 2 })).await.is(200);
    let list = anybody.get(&format!("/v1/products?{rated}")).await.is(200);
    assert_eq!(list["products"][0]["avg_rating"], 2.0);
    ann.delete(&one).await.is(200);
    expect(&anybody, &[(rated, &["ink", "pen"])], "its review is gone").await;
    app.finish().await;
}

/// Puts copies of a product on the shelf, every 13th of another category, each a cent dearer and a second newer.
async fn stocked(app: &TestApp, slug: &'static str) {
    let store = app.store();
    let select = row::anywhere().filter(Column::Slug.eq(slug));
    let pattern = select.one(store.read()).await.unwrap().unwrap();
    let copy = |n: usize| Model {
        id: uuid::Uuid::from_u128(pattern.id.as_u128() + n as u128 + 1),
        slug: format!("copy-{n}"),
        name: format!("Copy {n}"),
        category: Some(if n.is_multiple_of(13) { "odd" } else { "even" }.to_owned()),
        price_minor: 1_000 + n as i64,
        shelved_at: pattern.shelved_at.map(|at| at + 1_000 * (n as i64 + 1)),
        ..pattern.clone()
    };
    let copies: Vec<Model> = (0..COPIES).map(copy).collect();
    let key = CounterKey::new(pattern.tenant, Mode::Live, "market");
    store
        .command(async move |tx| {
            for some in copies.chunks(100) {
                let some = some.iter().cloned().map(IntoActiveModel::into_active_model);
                row::Entity::insert_many(some).exec_without_returning(tx).await?;
            }
            tx.count(key.clone(), COPIES as i64);
            tx.count(known::market(), 1);
            Ok(())
        })
        .await
        .unwrap();
}

#[actix_rt::test]
async fn a_long_shelf_is_narrowed_and_searched_exactly() {
    let app = TestApp::start().await;
    let shop = app.shop("openclaw").await;
    published(&shop, json!({ "title": "Pattern", "slug": "pattern", "type": "skill" })).await;
    let anybody = app.anonymous();
    assert_eq!(shown(&anybody, "type=skill").await.1, 1);
    stocked(&app, "pattern").await;
    for _ in 0..2 {
        for (query, first, total) in [
            ("type=skill", "copy-1299", 1_301),
            ("type=skill&sort=price_asc", "pattern", 1_301),
            ("category=odd", "copy-1287", 100),
            ("category=even", "copy-1299", 1_200),
            ("category=even,odd&sort=price_asc", "copy-0", 1_300),
            ("category=even&type=skill&sort=price_desc", "copy-1299", 1_200),
            ("min_price=1010&max_price=1019", "copy-19", 10),
            ("min_price=1100&max_price=1899", "copy-899", 800),
            ("min_price=1100&max_price=1899&sort=price_asc", "copy-100", 800),
            ("category=even&min_price=1100&sort=rating", "copy-1299", 1_108),
            ("search=COPY%20129", "copy-1299", 11),
            ("search=copy", "copy-1299", 1_300),
            ("search=copy&sort=price_asc", "copy-0", 1_300),
            ("search=77", "copy-1277", 22),
            ("search=co%25y", "", 0),
            ("search=nowhere", "", 0),
            ("type=Skill", "", 0),
        ] {
            let (shown, counted) = shown(&anybody, query).await;
            assert_eq!(counted, total, "{query}");
            assert_eq!(shown.first().map_or("", String::as_str), first, "{query}");
        }
        while grams::add(&app.store()).await.unwrap() {}
    }
    let pattern = change(&shop, "pattern", json!({ "type": "skill" })).await;
    delete(&shop, &pattern).await;
    assert_eq!(shown(&anybody, "type=skill").await.1, 1_300);
    app.finish().await;
}

#[actix_rt::test]
async fn pages_of_a_narrowed_list_are_the_list() {
    let app = TestApp::start().await;
    let shop = app.shop("openclaw").await;
    published(&shop, json!({ "title": "Pattern", "slug": "pattern", "type": "skill" })).await;
    stocked(&app, "pattern").await;
    let anybody = app.anonymous();
    for (query, total) in [
        ("category=odd&sort=price_asc", 100),
        ("category=even", 1_200),
        ("sort=rating", 1_301),
    ] {
        let mut all = Vec::new();
        for page in 1..=total / 90 + 2 {
            all.extend(shown(&anybody, &format!("{query}&per_page=90&page={page}")).await.0);
        }
        assert_eq!(all.len(), total, "{query}");
        let mut once = all.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), total, "{query}");
        let first = shown(&anybody, &format!("{query}&per_page=100")).await.0;
        assert_eq!(all[..100], first, "{query}");
        let number = |slug: &str| slug.trim_start_matches("copy-").parse::<usize>().ok();
        let numbers: Vec<usize> = all.iter().filter_map(|slug| number(slug)).collect();
        let is_rising = query.contains("asc");
        assert!(numbers.is_sorted_by(|a, b| (a < b) == is_rising), "{query}");
    }
    app.finish().await;
}
