//! Lists read page by page while others write: nothing is skipped, nothing comes twice.

use crate::harness::{Client, Shop, TestApp};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A walk's chances, the same in every run of a seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// Adds products; some share their moment, their name and their price with others.
async fn add(app: &TestApp, shop: &Shop, chance: &mut Chance, count: u64) -> Vec<String> {
    let mut ids = Vec::new();
    for _ in 0..count {
        if chance.below(3) == 0 {
            app.advance(1).await;
        }
        let slug = format!("p-{}", chance.below(1 << 30));
        let body = json!({ "name": format!("P{}", chance.below(4)), "slug": slug, "price": chance.below(5) });
        let made = shop.owner.post("/api/v1/products", body).await.is(201);
        ids.push(made["data"]["id"].as_str().unwrap().to_owned());
    }
    ids
}

/// Reads a list to its end by its cursors, adding products between pages; returns the ids in the order they came.
async fn walk(app: &TestApp, shop: &Shop, reader: &Client, query: &str, chance: &mut Chance) -> Vec<String> {
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let limit = 1 + chance.below(5);
        let page = reader
            .get(&format!("/api/v1/products?limit={limit}{query}{cursor}"))
            .await
            .is(200);
        seen.extend(ids(&page["data"]));
        let paging = &page["pagination"];
        let (Some(next), more) = (
            paging["next_cursor"].as_str().or(paging["nextCursor"].as_str()),
            &page["pagination"],
        ) else {
            return seen;
        };
        assert!(more["has_more"] == true || more["hasMore"] == true, "{more}");
        cursor = format!("&cursor={next}");
        let count = chance.below(2);
        add(app, shop, chance, count).await;
    }
}

fn ids(rows: &Value) -> Vec<String> {
    let rows = rows.as_array().unwrap().iter();
    rows.map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

#[track_caller]
fn is_whole(seen: &[String], from_the_start: &[String], about: &str) {
    let once: BTreeSet<_> = seen.iter().collect();
    assert_eq!(once.len(), seen.len(), "{about}: something came twice");
    let skipped: Vec<_> = from_the_start.iter().filter(|id| !once.contains(id)).collect();
    assert!(skipped.is_empty(), "{about}: skipped {skipped:?}");
}

#[actix_rt::test]
async fn opaque_cursors_neither_skip_nor_repeat_under_inserts() {
    let app = TestApp::start().await;
    for (seed, sort) in (1..).zip(["created_at", "name", "price", "slug"]) {
        for order in ["asc", "desc"] {
            let shop = app.shop("fondaco").await;
            let mut chance = Chance(seed);
            let known = add(&app, &shop, &mut chance, 12).await;
            let query = format!("&sort_by={sort}&sort_order={order}");
            let seen = walk(&app, &shop, &shop.owner, &query, &mut chance).await;
            is_whole(&seen, &known, &query);
        }
    }
    app.finish().await;
}

#[actix_rt::test]
async fn row_id_cursors_neither_skip_nor_repeat_under_inserts() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let (_, key) = shop.minted(&app, json!({ "name": "k", "dialect": "licentric" })).await;
    let reader = shop.with(&key);
    for seed in 1..=3 {
        let mut chance = Chance(seed);
        let mut known = ids(&shop.owner.get("/api/v1/products?limit=100").await.is(200)["data"]);
        known.extend(add(&app, &shop, &mut chance, 8).await);
        let seen = walk(&app, &shop, &reader, "", &mut chance).await;
        is_whole(&seen, &known, &format!("seed {seed}"));
        app.advance(60).await;
    }
    app.finish().await;
}

#[actix_rt::test]
async fn a_row_id_cursor_is_good_after_its_row_is_gone() {
    let app = TestApp::start().await;
    let shop = app.shop("licentric").await;
    for n in 0..4 {
        let body = json!({ "name": "P", "code": format!("p-{n}") });
        shop.api.post("/api/v1/products", body).await.is(201);
    }
    let all = ids(&shop.api.get("/api/v1/products").await.is(200)["data"]);
    shop.api.delete(&format!("/api/v1/products/{}", all[1])).await.is(204);
    let rest = shop.api.get(&format!("/api/v1/products?cursor={}", all[1])).await.is(200);
    assert_eq!(ids(&rest["data"]), all[2..]);
    app.finish().await;
}

#[actix_rt::test]
async fn page_numbers_cover_a_list_exactly_and_skip_nothing_under_inserts() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let (_, key) = shop.minted(&app, json!({ "name": "k", "dialect": "openclaw" })).await;
    let reader = shop.with(&key);
    let mut chance = Chance(7);
    let known = add(&app, &shop, &mut chance, 23).await;
    for inserts in [0, 2] {
        let (mut seen, mut page) = (Vec::new(), 1);
        loop {
            let answer = reader
                .get(&format!("/v1/creator/products?per_page=5&page={page}"))
                .await
                .is(200);
            seen.extend(ids(&answer["products"]));
            if answer["page"] == answer["total_pages"] {
                break;
            }
            add(&app, &shop, &mut chance, inserts).await;
            page += 1;
        }
        // Newest first: what is added meanwhile pushes rows to later pages, where they come again.
        let missed: Vec<_> = known.iter().filter(|id| !seen.contains(id)).collect();
        assert!(missed.is_empty(), "{missed:?}");
        assert!(inserts > 0 || seen.len() == known.len(), "{} for {}", seen.len(), known.len());
    }
    app.finish().await;
}

#[actix_rt::test]
async fn sizes_and_pages_beyond_reason_are_taken_for_the_nearest_good_one() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    for (asked, given) in [
        ("500", 100),
        ("0", 20),
        ("-5", 20),
        ("ten", 20),
        ("99999999999999999999", 100),
        ("7", 7),
    ] {
        let page = shop.api.get(&format!("/api/v1/products?limit={asked}")).await.is(200);
        assert_eq!(page["pagination"]["limit"], given, "{asked}");
    }
    let (_, key) = shop.minted(&app, json!({ "name": "k", "dialect": "openclaw" })).await;
    for (asked, page) in [("0", 1), ("-1", 1), ("x", 1), ("7", 7), ("99999999999999999999", 100_000)] {
        let answer = shop
            .with(&key)
            .get(&format!("/v1/creator/products?page={asked}"))
            .await
            .is(200);
        assert_eq!((&answer["page"], &answer["products"]), (&json!(page), &json!([])), "{asked}");
    }
    let (_, key) = shop.minted(&app, json!({ "name": "k", "dialect": "licentric" })).await;
    shop.with(&key).get("/api/v1/products?limit=500").await.is(400);
    app.finish().await;
}

#[actix_rt::test]
async fn a_cursor_of_another_order_is_refused_or_begins_anew() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    add(&app, &shop, &mut Chance(3), 4).await;
    let first = shop.owner.get("/api/v1/products?limit=2&sort_by=name").await.is(200);
    let cursor = first["pagination"]["next_cursor"].as_str().unwrap();
    let answer = shop
        .owner
        .get(&format!("/api/v1/products?limit=2&sort_by=price&cursor={cursor}"))
        .await;
    assert!(matches!(answer.status, 200 | 400), "{}", answer.text());
    app.finish().await;
}
