//! Files: uploaded, handed out by link, replaced, checked, swept.

mod downloads;
mod place;
mod s3;
mod uploads;

use crate::harness::{Answer, Client, Shop, TestApp};
use serde_json::{Value, json};

/// The card that pays.
pub(crate) const GOOD_CARD: &str = "4242424242424242";

/// A published product of the marketplace; returns its slug.
pub(crate) async fn published(shop: &Shop, body: Value) -> String {
    let made = shop.api.post("/v1/creator/products", body).await.is(201);
    let slug = made["product"]["slug"].as_str().unwrap().to_owned();
    let path = format!("/v1/creator/products/{slug}");
    shop.api.patch(&path, json!({ "status": "published" })).await.is(200);
    slug
}

/// A file of a product of a shop's.
pub(crate) async fn upload(shop: &Shop, slug: &str, version: &str, bytes: &[u8]) -> Answer {
    let path = format!("/v1/creator/products/{slug}/versions");
    let fields = [("version", version), ("changelog", "What is new.")];
    shop.api.upload("POST", &path, &fields, ("skill.zip", bytes)).await
}

/// A person who can buy, signed in.
pub(crate) async fn buyer(app: &TestApp, name: &str) -> Client {
    let who = json!({ "email": format!("{name}@buyers.example"), "password": "correct horse battery staple", "name": name });
    app.anonymous().post("/api/auth/register", who.clone()).await.is(201);
    let login = app.anonymous().post("/api/auth/login", who).await.is(200);
    app.anonymous().bearer(login["data"]["token"].as_str().unwrap())
}

/// Buys a product of the marketplace and pays; returns the purchase's id.
pub(crate) async fn bought(app: &TestApp, buyer: &Client, slug: &str) -> String {
    let begun = buyer
        .post("/v1/checkout/create", json!({ "product_slug": slug }))
        .await
        .is(200);
    if let Some(url) = begun["checkout_url"].as_str() {
        app.anonymous().pay(url, GOOD_CARD).await.is(303);
        app.advance(0).await;
    }
    let library = buyer.get("/v1/library").await.is(200);
    let purchases = library["purchases"].as_array().unwrap();
    let one = purchases.iter().find(|one| one["product"]["slug"] == slug).unwrap();
    one["id"].as_str().unwrap().to_owned()
}

/// The link to what was bought, as a path of the server.
pub(crate) async fn link(app: &TestApp, buyer: &Client, purchase: &str) -> String {
    let answer = buyer.get(&format!("/v1/library/{purchase}/download")).await.is(200);
    let url = answer["download_url"].as_str().unwrap();
    assert_eq!((&answer["url"], &answer["expires_in"]), (&json!(url), &json!(900)));
    url.strip_prefix(app.url()).unwrap().to_owned()
}
