//! A sale makes a licence, and its undoing takes it; signed tokens say so without asking.

use crate::harness::{Client, Shop, TestApp};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use serde_json::{Value, json};

async fn product(shop: &Shop, more: Value) -> String {
    let mut body = json!({ "name": "Brushes", "slug": "brushes", "price": 1900, "currency": "USD" });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let made = shop.api.post("/api/v1/products", body).await.is(201);
    made["data"]["id"].as_str().unwrap().to_owned()
}

async fn buy(app: &TestApp, shop: &Shop, product: &str) -> Value {
    let body = json!({ "product_id": product, "email": "ann@example.com" });
    let session = shop.api.post("/api/v1/checkout/sessions", body).await.is(201);
    let page = format!("/sandbox/checkout/{}", session["data"]["id"].as_str().unwrap());
    let paid = app.anonymous().form(&page, &[("card", "4242424242424242")]).await;
    assert_eq!(paid.status, 303, "{}", paid.text());
    let payments = shop.api.get("/api/v1/payments").await.is(200);
    payments["data"][0].clone()
}

async fn licenses(client: &Client) -> Vec<Value> {
    client.get("/api/v1/licenses").await.is(200)["data"]
        .as_array()
        .unwrap()
        .clone()
}

#[actix_rt::test]
async fn a_sale_issues_one_licence_and_its_refund_withdraws_it() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let product = product(
        &shop,
        json!({ "issue_license_on_purchase": true, "license_tier": "studio", "license_duration_days": 30 }),
    )
    .await;
    let payment = buy(&app, &shop, &product).await;
    let issued = licenses(&shop.api).await;
    assert_eq!(issued.len(), 1);
    let license = &issued[0];
    assert_eq!(
        (&license["user_email"], &license["tier"], &license["status"]),
        (&json!("ann@example.com"), &json!("studio"), &json!("active"))
    );
    assert_eq!(
        (&license["order_id"], &license["expires_at"]),
        (&payment["id"], &json!("2026-06-18T14:23:14.000Z"))
    );
    let path = format!("/api/v1/payments/{}/refund", payment["id"].as_str().unwrap());
    shop.api
        .post(&path, json!({ "reason": "requested_by_customer" }))
        .await
        .is(200);
    let license = &licenses(&shop.api).await[0];
    assert_eq!(license["status"], "revoked", "{license}");
    let list = app
        .anonymous()
        .get(&format!("/api/licenses/{}/revoked", shop.slug))
        .await
        .is(200);
    assert_eq!(list["revoked"][0]["id"], license["id"]);
    app.finish().await;
}

#[actix_rt::test]
async fn the_token_of_a_sale_is_checked_with_the_sellers_published_key() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let sink = app.sink().await;
    shop.endpoint(sink.url(), &["purchase.completed", "license.revoked"]).await;
    let product = product(&shop, json!({ "issue_license_on_purchase": true })).await;
    let payment = buy(&app, &shop, &product).await;
    app.deliver_due().await;
    let purchase = sink.only().json();
    let license = &purchase["data"]["licenses"][0];
    let (claims, signature) = license["token"].as_str().unwrap().split_once('.').unwrap();
    let seller = format!("seller={}", shop.tenant);
    let keys = app.anonymous().get(&format!("/api/licenses/jwks?{seller}")).await.is(200);
    let pem: String = keys["keys"][0]["pem"]
        .as_str()
        .unwrap()
        .lines()
        .filter(|line| !line.starts_with('-'))
        .collect();
    let der = STANDARD.decode(pem).unwrap();
    let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &der[26..]);
    key.verify(claims.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).unwrap())
        .unwrap();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    assert_eq!(
        (
            &claims["v"],
            &claims["kid"],
            &claims["product"],
            &claims["order"],
            &claims["exp"]
        ),
        (
            &json!(1),
            &keys["keys"][0]["kid"],
            &json!("brushes"),
            &payment["id"],
            &Value::Null
        )
    );
    let hash = hex::encode(ring::digest::digest(
        &ring::digest::SHA256,
        payment["id"].as_str().unwrap().as_bytes(),
    ));
    let listed = async || {
        app.anonymous()
            .get(&format!("/api/licenses/revoked?{seller}&prefix={}", &hash[..6]))
            .await
            .is(200)
    };
    assert_eq!(listed().await["order_hashes"], json!([]));
    let path = format!("/api/v1/payments/{}/refund", payment["id"].as_str().unwrap());
    shop.api
        .post(&path, json!({ "reason": "requested_by_customer" }))
        .await
        .is(200);
    assert_eq!(listed().await["order_hashes"], json!([hash]));
    app.anonymous()
        .get(&format!("/api/licenses/revoked?{seller}&prefix=x"))
        .await
        .is(400);
    app.anonymous().get("/api/licenses/jwks").await.is(400);
    app.deliver_due().await;
    assert_eq!(sink.requests().len(), 2);
    app.finish().await;
}
