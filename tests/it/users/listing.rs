//! Lists of customers, and one of them.

use crate::harness::{Shop, TestApp};
use serde_json::{Value, json};

async fn product(shop: &Shop, slug: &str, price: i64) -> String {
    let body = json!({ "name": slug, "slug": slug, "price": price, "description": "About it", "icon": "🎨" });
    let made = shop.api.post("/api/v1/products", body).await.is(201);
    made["data"]["id"].as_str().unwrap().to_owned()
}

/// Ann has one product, Ben two, Cat one dear one, bought in that order.
async fn filled(app: &TestApp) -> (Shop, String) {
    let shop = app.shop("sellf").await;
    let (cheap, dear) = (product(&shop, "cheap", 5).await, product(&shop, "dear", 90).await);
    let small = product(&shop, "small", 2).await;
    for (email, what) in [
        ("ann@example.com", &cheap),
        ("ben@example.org", &cheap),
        ("ben@example.org", &small),
        ("cat@example.com", &dear),
    ] {
        shop.sale(what, email).await;
        app.advance(60).await;
    }
    (shop, cheap)
}

async fn names(shop: &Shop, query: &str) -> Vec<String> {
    let page = shop.api.get(&format!("/api/v1/users{query}")).await.is(200);
    let name = |row: &Value| row["email"].as_str().unwrap()[..3].to_owned();
    page["data"].as_array().unwrap().iter().map(name).collect()
}

#[actix_rt::test]
async fn a_user_is_told_with_what_he_may_use() {
    let app = TestApp::start().await;
    let (shop, cheap) = filled(&app).await;
    let page = shop.api.get("/api/v1/users?search=ANN@").await.is(200);
    assert_eq!(page["pagination"]["total"], 1);
    let user = page["data"][0].clone();
    let (id, access) = (
        user["id"].as_str().unwrap().to_owned(),
        user["product_access"][0]["id"].clone(),
    );
    let mut item = json!({
        "id": access, "product_id": cheap, "product_slug": "cheap", "product_name": "cheap", "product_price": 5,
        "product_currency": "USD", "product_icon": "🎨", "product_is_active": true,
        "granted_at": "2026-05-19T14:23:14.000Z", "expires_at": null, "duration_days": null,
    });
    let expected = json!({
        "id": id, "email": "ann@example.com", "created_at": "2026-05-19T14:23:14.000Z", "email_confirmed_at": null,
        "last_sign_in_at": null, "user_metadata": null, "product_access": [item],
        "stats": {
            "total_products": 1, "total_value": 5, "last_access_granted_at": "2026-05-19T14:23:14.000Z",
            "first_access_granted_at": "2026-05-19T14:23:14.000Z",
        },
    });
    assert_eq!(user, expected);
    item["product_description"] = json!("About it");
    let one = shop.api.get(&format!("/api/v1/users/{id}")).await.is(200);
    let mut expected = expected;
    expected["product_access"] = json!([item]);
    assert_eq!(one["data"], expected);
    for (path, status) in [("nope", 400), ("00000000-0000-7000-8000-000000000000", 404)] {
        shop.api.get(&format!("/api/v1/users/{path}")).await.is(status);
    }
    let other = app.shop("sellf").await;
    other.api.get(&format!("/api/v1/users/{id}")).await.is(404);
    other.api.get(&format!("/api/v1/users/{id}/access")).await.equals(
        200,
        json!({ "data": [], "pagination": { "cursor": null, "next_cursor": null, "has_more": false, "limit": 20 } }),
    );
    app.finish().await;
}

#[actix_rt::test]
async fn every_order_is_kept_page_by_page() {
    let app = TestApp::start().await;
    let (shop, _) = filled(&app).await;
    for (sort, descending) in [
        ("created_at", ["cat", "ben", "ann"]),
        ("user_created_at", ["cat", "ben", "ann"]),
        ("email", ["cat", "ben", "ann"]),
        ("total_products", ["ben", "cat", "ann"]),
        ("total_value", ["cat", "ben", "ann"]),
        ("last_access_granted_at", ["cat", "ben", "ann"]),
        ("no_such_column", ["cat", "ben", "ann"]),
    ] {
        let query = format!("?sort_by={sort}");
        let whole = names(&shop, &query).await;
        if sort == "total_products" {
            // Ann and Cat have one each; their ids decide.
            assert_eq!(whole[0], descending[0]);
        } else {
            assert_eq!(whole, descending, "{sort}");
        }
        let mut turned = names(&shop, &format!("{query}&sort_order=asc")).await;
        turned.reverse();
        assert_eq!(turned, whole, "{sort}");
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = shop.api.get(&format!("/api/v1/users{query}&limit=1{cursor}")).await.is(200);
            assert_eq!(page["pagination"]["total"], 3);
            seen.extend(
                page["data"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|row| row["email"].as_str().unwrap()[..3].to_owned()),
            );
            match page["pagination"]["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(seen, whole, "{sort}");
    }
    let answer = shop.api.get("/api/v1/users?cursor=nonsense&sort_by=total_value").await;
    assert_eq!(
        (answer.status, answer.json["error"]["code"].as_str()),
        (400, Some("INVALID_INPUT"))
    );
    app.finish().await;
}

#[actix_rt::test]
async fn search_finds_parts_of_addresses_letter_by_letter() {
    let app = TestApp::start().await;
    let (shop, _) = filled(&app).await;
    assert_eq!(names(&shop, "?search=EXAMPLE.org").await, ["ben"]);
    assert_eq!(names(&shop, "?search=.com&sort_by=total_value").await, ["cat", "ann"]);
    assert!(names(&shop, "?search=%25").await.is_empty());
    assert!(names(&shop, "?search=a_n").await.is_empty());
    app.finish().await;
}

#[actix_rt::test]
async fn a_person_who_signed_in_is_told_as_such() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let cheap = product(&shop, "cheap", 5).await;
    let email = json!("dan@example.com");
    let account = json!({ "email": email, "password": "correct horse battery", "name": "Dan Meyer" });
    app.anonymous().post("/api/auth/register", account.clone()).await.is(201);
    app.advance(60).await;
    let login = app.anonymous().post("/api/auth/login", account).await.is(200);
    let dan = app.anonymous().bearer(login["data"]["token"].as_str().unwrap());
    let made = dan
        .post("/api/v1/checkout/sessions", json!({ "product_id": cheap }))
        .await
        .is(201);
    let page = format!("/sandbox/checkout/{}", made["data"]["id"].as_str().unwrap());
    assert_eq!(app.anonymous().form(&page, &[("card", "4242424242424242")]).await.status, 303);
    let page = shop.api.get("/api/v1/users?sort_by=last_sign_in_at").await.is(200);
    assert_eq!(page["data"][0]["last_sign_in_at"], "2026-05-19T14:24:14.000Z");
    assert_eq!(page["data"][0]["email"], email);
    app.finish().await;
}
