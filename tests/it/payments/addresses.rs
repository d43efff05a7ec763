//! Payments by a part of the buyer's address.

use crate::harness::{Shop, TestApp};
use fondaco::store::grams;
use serde_json::Value;

async fn buyers(shop: &Shop, query: &str) -> Vec<String> {
    let page = shop.api.get(&format!("/api/v1/payments?{query}")).await.is(200);
    let address = |row: &Value| row["customer_email"].as_str().unwrap().to_owned();
    page["data"].as_array().unwrap().iter().map(address).collect()
}

#[actix_rt::test]
async fn a_part_of_an_address_finds_its_payments_and_no_others() {
    let app = TestApp::start().await;
    let (shop, other) = (app.shop("sellf").await, app.shop("sellf").await);
    let product = shop.product("brushes").await;
    other.sale(&other.product("brushes").await, "ann@example.com").await;
    for email in ["ann@example.com", "Joanna_B@example.com", "bob@example.org"] {
        shop.sale(&product, email).await;
        app.advance(1).await;
    }
    for _ in 0..2 {
        let (ann, joanna, bob) = ("ann@example.com", "joanna_b@example.com", "bob@example.org");
        for (query, expected) in [
            ("email=ANN", vec![joanna, ann]),
            ("email=ann@example.com&sort=created_at", vec![ann]),
            ("email=example.org&sort=-amount", vec![bob]),
            ("email=an&sort=customer_email", vec![ann, joanna]),
            ("email=a_b", vec![joanna]),
            ("email=%25nn%25", vec![]),
            ("email=nobody", vec![]),
            ("email=example&status=completed&sort=customer_email", vec![ann, bob, joanna]),
            ("email=example&status=refunded", vec![]),
            ("status=completed&sort=customer_email", vec![ann, bob, joanna]),
            ("email=ann&date_to=2020-01-01", vec![]),
        ] {
            assert_eq!(buyers(&shop, query).await, expected, "{query}");
        }
        while grams::add(&app.store()).await.unwrap() {}
    }
    shop.sale(&product, "annabel@example.com").await;
    assert_eq!(buyers(&shop, "email=nabel").await, ["annabel@example.com"]);
    app.finish().await;
}
