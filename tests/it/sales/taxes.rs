//! The tax of what was sold, as events tell of it.

use crate::harness::{Reply, TestApp};
use crate::stripe::{World, value};
use serde_json::{Value, json};

fn id(made: &Value) -> String {
    made["data"]["id"].as_str().unwrap().to_owned()
}

#[actix_rt::test]
async fn every_product_of_an_order_carries_the_tax_captured_for_it() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let sink = app.sink().await;
    shop.endpoint(sink.url(), &["purchase.completed", "refund.issued"]).await;
    let main = json!({ "name": "A", "slug": "a", "price": 12.3, "vat_rate": 23 });
    let main = id(&shop.api.post("/api/v1/products", main).await.is(201));
    let bump = json!({ "name": "B", "slug": "b", "price": 10, "vat_rate": 8, "price_includes_vat": false });
    let bump = id(&shop.api.post("/api/v1/products", bump).await.is(201));
    let beside = json!({ "main_product_id": main, "bump_product_id": bump, "bump_title": "And this" });
    let beside = id(&shop.api.post("/api/v1/order-bumps", beside).await.is(201));
    let asked = json!({ "product_id": main, "email": "ben@example.com", "order_bump_ids": [beside] });
    let (checkout, page) = shop.checkout(asked).await;
    app.anonymous().pay(&page, "4242424242424242").await;
    app.deliver_due().await;
    let sold = sink.only().json()["data"].clone();
    let tax_of = |product: &Value| {
        let names = [
            "net",
            "tax",
            "gross",
            "vatRate",
            "vatExempt",
            "taxBehavior",
            "taxabilityReason",
        ];
        Value::Array(names.iter().map(|name| product[*name].clone()).collect())
    };
    assert_eq!(
        tax_of(&sold["product"]),
        json!([1000, 230, 1230, 23, false, "inclusive", "standard_rated"])
    );
    let expected = json!([1000, 80, 1080, 8, false, "exclusive", "standard_rated"]);
    assert_eq!(tax_of(&sold["bumpProducts"][0]), expected);
    assert_eq!(tax_of(&sold["bumpProduct"]), expected);
    let payment = shop.payment_of(&checkout).await;
    shop.api
        .post(&format!("/api/v1/payments/{payment}/refund"), json!({ "amount": 100 }))
        .await
        .is(200);
    app.deliver_due().await;
    let refund = sink.requests().last().unwrap().json()["data"]["refund"].clone();
    assert_eq!(
        (&refund["vatRate"], &refund["vatExempt"], &refund["taxabilityReason"]),
        (&Value::Null, &json!(false), &json!("standard_rated")),
        "two rates are none: {refund}"
    );
    let untaxed = shop.product_of(json!({ "name": "C", "slug": "c", "price": 5 })).await;
    shop.sale(&untaxed, "ben@example.com").await;
    app.deliver_due().await;
    let sold = sink.requests().last().unwrap().json()["data"].clone();
    assert!(
        sold["product"].get("net").is_none() && sold["product"].get("vatRate").is_none(),
        "{sold}"
    );
    app.finish().await;
}

#[actix_rt::test]
async fn stripes_own_tax_is_the_products_and_the_buyer_with_a_tax_id_gets_his_invoice() {
    let world = World::start().await;
    let shop = world.app.shop("sellf").await;
    let sink = world.app.sink().await;
    shop.endpoint(sink.url(), &["purchase.completed"]).await;
    let product = shop
        .product_of(json!({ "name": "A", "slug": "a", "price": 10, "currency": "USD" }))
        .await;
    let session = json!({ "id": "cs_1", "object": "checkout.session", "url": "https://checkout.stripe.example/c/cs_1" });
    world.stripe.answers([Reply::Body(200, session.to_string().into_bytes())]);
    let asked = json!({ "product_id": product, "email": "ann@example.com" });
    shop.api.post("/api/v1/checkout/sessions", asked).await.is(201);
    let body = world.stripe.requests().pop().unwrap().body;
    let checkout = value(&body, "payment_intent_data[metadata][fondaco_checkout]").unwrap();
    let paid = json!({
        "id": "cs_1", "object": "checkout.session", "mode": "payment", "status": "complete", "payment_status": "paid",
        "payment_intent": "pi_1", "amount_total": 1230, "amount_subtotal": 1000, "currency": "usd",
        "total_details": { "amount_tax": 230, "amount_discount": 0 },
        "customer_details": {
            "email": "ann@example.com", "name": "Meyer Ltd", "tax_ids": [{ "type": "eu_vat", "value": "PL5261040828" }],
            "address": { "line1": "1 High Street", "city": "Leeds", "postal_code": "LS1 1AA", "country": "GB" },
        },
        "metadata": { "fondaco_tenant": shop.tenant, "product_id": product, "fondaco_checkout": checkout },
    });
    world.takes(&world.event("checkout.session.completed", paid)).await;
    world.app.deliver_due().await;
    let sold = sink.only().json()["data"].clone();
    let product = &sold["product"];
    assert_eq!(
        [
            &product["net"],
            &product["tax"],
            &product["gross"],
            &product["vatRate"],
            &product["taxBehavior"]
        ],
        [&json!(1000), &json!(230), &json!(1230), &json!(23), &json!("exclusive")]
    );
    assert_eq!(
        sold["invoice"],
        json!({
            "needsInvoice": true, "nip": "PL5261040828", "companyName": "Meyer Ltd", "address": "1 High Street",
            "city": "Leeds", "postalCode": "LS1 1AA", "country": "GB",
        })
    );
    world.finish().await;
}
