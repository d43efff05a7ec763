//! A sale of which there are only so many: never more of them, and nobody pays another price than he was told.

use crate::harness::{Client, Shop, TestApp};
use serde_json::{Value, json};

async fn on_sale(shop: &Shop, limit: i64) -> String {
    let body = json!({
        "name": "Brushes", "slug": "brushes", "price": 1000, "currency": "USD",
        "sale_price": 700, "sale_quantity_limit": limit,
    });
    let made = shop.api.post("/api/v1/products", body).await.is(201);
    made["data"]["id"].as_str().unwrap().to_owned()
}

/// Begins a purchase; answers its price and page.
async fn begin(api: &Client, product: &str, number: usize) -> (i64, String) {
    let asked = json!({ "product_id": product, "email": format!("b{number}@example.com") });
    let made = api.post("/api/v1/checkout/sessions", asked).await.is(201);
    let url = made["data"]["url"].as_str().unwrap();
    let page = url.find("/sandbox/").map(|at| url[at..].to_owned()).unwrap();
    (made["data"]["amount"].as_i64().unwrap(), page)
}

async fn paid(shop: &Shop) -> Vec<i64> {
    let listed = shop.api.get("/api/v1/payments?limit=100").await.is(200);
    let rows = listed["data"].as_array().unwrap().clone();
    rows.iter().map(|row| row["amount"].as_i64().unwrap()).collect()
}

#[actix_rt::test]
async fn of_twenty_at_once_exactly_the_limit_gets_the_sale_price() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let product = on_sale(&shop, 3).await;
    let begun = (0..20).map(|number| begin(&shop.api, &product, number));
    let begun = futures_util::future::join_all(begun).await;
    let told: Vec<i64> = begun.iter().map(|(price, _)| *price).collect();
    assert_eq!(told.iter().filter(|price| **price == 700).count(), 3, "{told:?}");
    assert_eq!(told.iter().filter(|price| **price == 1000).count(), 17, "{told:?}");
    let anonymous = app.anonymous();
    let pays = begun
        .iter()
        .map(|(_, page)| anonymous.form(page, &[("card", "4242424242424242")]));
    for answer in futures_util::future::join_all(pays).await {
        assert_eq!(answer.status, 303, "{}", answer.text());
    }
    let paid = paid(&shop).await;
    assert_eq!((paid.len(), paid.iter().filter(|amount| **amount == 700).count()), (20, 3));
    assert_eq!(begin(&shop.api, &product, 20).await.0, 1000);
    app.finish().await;
}

#[actix_rt::test]
async fn a_place_nobody_pays_for_is_free_again_and_is_not_paid_for_late() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let product = on_sale(&shop, 1).await;
    let (price, page) = begin(&shop.api, &product, 1).await;
    assert_eq!((price, begin(&shop.api, &product, 2).await.0), (700, 1000));
    app.advance(36 * 60).await;
    assert_eq!(app.anonymous().form(&page, &[("card", "4242424242424242")]).await.status, 410);
    app.advance(10 * 60).await;
    assert_eq!(begin(&shop.api, &product, 3).await.0, 700);
    assert!(paid(&shop).await.is_empty());
    app.finish().await;
}

#[actix_rt::test]
async fn a_sale_without_a_limit_holds_no_places() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let body = json!({ "name": "Pens", "slug": "pens", "price": 1000, "currency": "USD", "sale_price": 700 });
    let made: Value = shop.api.post("/api/v1/products", body).await.is(201);
    let product = made["data"]["id"].as_str().unwrap();
    let (price, page) = begin(&shop.api, product, 1).await;
    app.advance(3600).await;
    assert_eq!(app.anonymous().form(&page, &[("card", "4242424242424242")]).await.status, 303);
    assert_eq!((price, paid(&shop).await), (700, vec![700]));
    app.finish().await;
}
