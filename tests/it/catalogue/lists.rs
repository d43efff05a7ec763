//! Lists of products: every order, status and total.

use super::{id, page, product};
use crate::harness::TestApp;
use serde_json::json;

#[actix_rt::test]
async fn every_order_is_walked_both_ways_without_gaps() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    for number in 0..9 {
        let more = json!({
            "name": format!("P{}", number % 4), "price": number % 3, "is_active": number % 2 == 0, "is_featured": number % 3 == 0,
        });
        product(&shop, &format!("p-{number}"), more).await;
        if number % 2 == 0 {
            app.advance(1).await;
        }
    }
    for sort in [
        "created_at",
        "updated_at",
        "name",
        "price",
        "slug",
        "is_active",
        "is_featured",
    ] {
        let whole = async |order: &str| {
            let (mut seen, mut cursor) = (Vec::new(), String::new());
            loop {
                let path = format!("/api/v1/products?limit=2&sort_by={sort}&sort_order={order}{cursor}");
                let page = shop.owner.get(&path).await.is(200);
                assert_eq!(page["pagination"]["total"], 9);
                seen.extend(page["data"].as_array().unwrap().iter().map(id));
                match page["pagination"]["next_cursor"].as_str() {
                    Some(next) => cursor = format!("&cursor={next}"),
                    None => return seen,
                }
            }
        };
        let (up, mut down) = (whole("asc").await, whole("desc").await);
        down.reverse();
        assert_eq!(up, down, "{sort}");
        assert_eq!(up.len(), 9, "{sort}");
    }
    let featured = shop.api.get("/api/v1/products?sort_by=is_featured&limit=3").await.is(200);
    let all = featured["data"].as_array().unwrap();
    assert!(all.iter().all(|row| row["is_featured"] == true));
    app.finish().await;
}

#[actix_rt::test]
async fn a_status_narrows_the_list_and_its_total() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let on = product(&shop, "on", json!({})).await;
    let off = product(&shop, "off", json!({ "is_active": false })).await;
    let total = async |query: &str| {
        let page = shop.api.get(&format!("/api/v1/products?{query}")).await.is(200);
        (
            page["data"].as_array().unwrap().len(),
            page["pagination"]["total"].as_u64().unwrap(),
        )
    };
    assert_eq!(page(&shop.api, "/api/v1/products?status=active").await, [id(&on)]);
    assert_eq!(page(&shop.api, "/api/v1/products?status=inactive").await, [id(&off)]);
    for (query, expected) in [
        ("status=active", (1, 1)),
        ("status=inactive", (1, 1)),
        ("status=all", (2, 2)),
        ("status=nonsense", (2, 2)),
    ] {
        assert_eq!(total(query).await, expected, "{query}");
    }
    shop.api
        .patch(&format!("/api/v1/products/{}", id(&off)), json!({ "is_active": true }))
        .await
        .is(200);
    assert_eq!(total("status=active").await, (2, 2));
    shop.api.delete(&format!("/api/v1/products/{}", id(&on))).await.is(204);
    assert_eq!((total("status=active").await, total("").await), ((1, 1), (1, 1)));
    assert_eq!(total("status=inactive").await, (0, 0));
    assert_eq!(
        shop.api
            .get(&format!("/api/v1/products?search={}", "x".repeat(201)))
            .await
            .is(400)["error"]["code"],
        "INVALID_INPUT"
    );
    app.finish().await;
}
