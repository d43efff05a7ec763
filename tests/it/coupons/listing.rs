//! Lists: filters, both ways of ordering, pages.

use crate::harness::{Shop, TestApp};
use serde_json::{Value, json};

async fn codes(shop: &Shop, query: &str) -> Vec<String> {
    let page = shop.api.get(&format!("/api/v1/coupons{query}")).await.is(200);
    let code = |row: &Value| row["code"].as_str().unwrap().to_owned();
    page["data"].as_array().unwrap().iter().map(code).collect()
}

async fn filled(app: &TestApp) -> Shop {
    let shop = app.shop("sellf").await;
    for (code, more) in [
        ("AAA", json!({ "name": "Zebra 100%" })),
        ("BBB", json!({ "name": "apple", "is_active": false })),
        ("CCC", json!({ "expires_at": "2026-05-19T14:24:00Z" })),
        ("A_B", json!({ "is_active": false, "expires_at": "2026-05-19T14:24:00Z" })),
    ] {
        let mut body = json!({ "code": code, "discount_type": "percentage", "discount_value": 5 });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        shop.api.post("/api/v1/coupons", body).await.is(201);
        app.advance(1).await;
    }
    app.advance(60).await;
    shop
}

#[actix_rt::test]
async fn filters_are_those_of_the_contract() {
    let app = TestApp::start().await;
    let shop = filled(&app).await;
    for (query, expected) in [
        ("", vec!["A_B", "CCC", "BBB", "AAA"]),
        ("?status=all", vec!["A_B", "CCC", "BBB", "AAA"]),
        ("?status=active", vec!["AAA"]),
        ("?status=inactive", vec!["A_B", "BBB"]),
        ("?status=expired", vec!["A_B", "CCC"]),
        ("?search=zEB", vec!["AAA"]),
        ("?search=bb", vec!["BBB"]),
        ("?search=100%25", vec!["AAA"]),
        ("?search=_", vec!["A_B"]),
        ("?search=%25b", vec![]),
    ] {
        assert_eq!(codes(&shop, query).await, expected, "{query}");
    }
    for query in ["?status=used", "?sort=price", "?sort_by=price", "?cursor=nonsense"] {
        let answer = shop.api.get(&format!("/api/v1/coupons{query}")).await;
        let code = answer.json["error"]["code"].as_str();
        assert_eq!((answer.status, code), (400, Some("INVALID_INPUT")), "{query}");
    }
    app.finish().await;
}

#[actix_rt::test]
async fn sort_goes_before_the_pair() {
    let app = TestApp::start().await;
    let shop = filled(&app).await;
    for (query, expected) in [
        ("?sort=code", ["AAA", "A_B", "BBB", "CCC"]),
        ("?sort=-code", ["CCC", "BBB", "A_B", "AAA"]),
        ("?sort=created_at", ["AAA", "BBB", "CCC", "A_B"]),
        ("?sort=-created_at", ["A_B", "CCC", "BBB", "AAA"]),
        ("?sort_by=code&sort_order=asc", ["AAA", "A_B", "BBB", "CCC"]),
        ("?sort_by=code", ["CCC", "BBB", "A_B", "AAA"]),
        ("?sort_by=code&sort_order=sideways", ["CCC", "BBB", "A_B", "AAA"]),
        ("?sort=code&sort_by=created_at&sort_order=desc", ["AAA", "A_B", "BBB", "CCC"]),
    ] {
        assert_eq!(codes(&shop, query).await, expected, "{query}");
    }
    assert_eq!(codes(&shop, "?sort_by=name&sort_order=asc").await[2..], ["AAA", "BBB"]);
    app.finish().await;
}

#[actix_rt::test]
async fn pages_follow_one_another_in_every_order() {
    let app = TestApp::start().await;
    let shop = filled(&app).await;
    for order in ["-created_at", "updated_at", "code", "-name", "current_usage_count"] {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let path = format!("/api/v1/coupons?limit=3&sort={order}{cursor}");
            let page = shop.api.get(&path).await.is(200);
            assert_eq!(
                (&page["pagination"]["limit"], &page["pagination"]["total"]),
                (&json!(3), &json!(4))
            );
            seen.extend(page["data"].as_array().unwrap().iter().map(|row| row["id"].clone()));
            match page["pagination"]["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        let whole = shop.api.get(&format!("/api/v1/coupons?limit=500&sort={order}")).await.is(200);
        let ids: Vec<Value> = whole["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["id"].clone())
            .collect();
        assert_eq!(seen, ids, "{order}");
    }
    app.finish().await;
}
