//! What is bought along with a subscription.

use super::GOOD;
use crate::harness::{Shop, TestApp};
use crate::stripe::{World, value};
use serde_json::{Value, json};

/// A shop with a subscription of 20 USD a month and something for 10 USD beside it; the ids of both and of the bump.
struct Offer {
    shop: Shop,
    main: String,
    bump_product: String,
    bump: String,
}

fn id(made: &Value) -> String {
    made["data"]["id"].as_str().unwrap().to_owned()
}

async fn offer(app: &TestApp, more: Value) -> Offer {
    let shop = app.shop("sellf").await;
    let mut main = json!({
        "name": "Monthly", "slug": "monthly", "price": 20, "currency": "USD", "product_type": "subscription",
        "billing_interval": "month", "recurring_price": 20, "vat_rate": 23,
    });
    main.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let main = id(&shop.api.post("/api/v1/products", main).await.is(201));
    let beside = json!({ "name": "Extra", "slug": "extra", "price": 10, "currency": "USD" });
    let bump_product = id(&shop.api.post("/api/v1/products", beside).await.is(201));
    let bump = json!({ "main_product_id": main, "bump_product_id": bump_product, "bump_title": "And this" });
    let bump = id(&shop.api.post("/api/v1/order-bumps", bump).await.is(201));
    Offer {
        shop,
        main,
        bump_product,
        bump,
    }
}

impl Offer {
    fn asked(&self) -> Value {
        json!({ "product_id": self.main, "email": "ann@example.com", "order_bump_ids": [self.bump] })
    }

    async fn owned(&self) -> Vec<String> {
        let users = self.shop.api.get("/api/v1/users?search=ann").await.is(200);
        let owned = users["data"][0]["product_access"].as_array().unwrap();
        owned
            .iter()
            .map(|one| one["product_id"].as_str().unwrap().to_owned())
            .collect()
    }

    async fn payments(&self) -> Vec<Value> {
        self.shop.api.get("/api/v1/payments").await.is(200)["data"]
            .as_array()
            .unwrap()
            .clone()
    }
}

#[actix_rt::test]
async fn what_was_ticked_is_booked_and_given_with_the_first_period_and_goes_with_its_money() {
    let app = TestApp::start().await;
    let offer = offer(&app, json!({})).await;
    let sink = app.sink().await;
    offer.shop.endpoint(sink.url(), &["invoice.paid"]).await;
    let begun = offer.shop.api.post("/api/v1/checkout/sessions", offer.asked()).await.is(201);
    assert_eq!(begun["data"]["amount"], 30);
    app.anonymous().pay(begun["data"]["url"].as_str().unwrap(), GOOD).await;
    let payments = offer.payments().await;
    assert_eq!((payments.len(), &payments[0]["amount"]), (1, &json!(3000)));
    let lines = payments[0]["line_items"].as_array().unwrap();
    let told: Vec<_> = lines
        .iter()
        .map(|line| (&line["item_type"], &line["total_price"], &line["tax_amount"]))
        .collect();
    assert_eq!(
        told,
        [
            (&json!("main_product"), &json!(20), &json!(374)),
            (&json!("order_bump"), &json!(10), &Value::Null),
        ]
    );
    let mut both = vec![offer.main.clone(), offer.bump_product.clone()];
    let mut owned = offer.owned().await;
    both.sort();
    owned.sort();
    assert_eq!(owned, both);
    app.deliver_due().await;
    let paid = sink.only().json()["data"].clone();
    assert_eq!(
        paid["product"],
        json!({
            "id": offer.main, "name": "Monthly", "slug": "monthly", "currency": "USD", "recurring_price": 20,
            "billing_interval": "month", "billing_interval_count": 1,
        })
    );
    let invoice = &paid["invoice"];
    assert_eq!(
        (&invoice["amountPaid"], &invoice["tax"], &invoice["net"]),
        (&json!(30), &json!(3.74), &json!(26.26))
    );
    assert_eq!(
        [
            &invoice["vatRate"],
            &invoice["taxBehavior"],
            &invoice["taxabilityReason"],
            &invoice["taxSnapshotStatus"]
        ],
        [&json!(23), &json!("inclusive"), &json!("standard_rated"), &json!("captured")]
    );
    // The next period is the subscription's alone.
    app.advance(32 * super::DAY).await;
    let payments = offer.payments().await;
    assert_eq!((payments.len(), &payments[0]["amount"]), (2, &json!(2000)));
    let first = format!("/api/v1/payments/{}/refund", payments[1]["id"].as_str().unwrap());
    offer.shop.api.post(&first, json!({})).await.is(200);
    assert!(!offer.owned().await.contains(&offer.bump_product));
    app.finish().await;
}

#[actix_rt::test]
async fn a_trial_charges_at_once_only_what_stands_beside_it() {
    let app = TestApp::start().await;
    let offer = offer(&app, json!({ "trial_days": 7 })).await;
    let alone = json!({ "product_id": offer.main, "email": "eve@example.com" });
    let begun = offer.shop.api.post("/api/v1/checkout/sessions", alone).await.is(201);
    assert_eq!(begun["data"]["amount"], 0, "nothing is due before the trial ends");
    let begun = offer.shop.api.post("/api/v1/checkout/sessions", offer.asked()).await.is(201);
    assert_eq!(begun["data"]["amount"], 10);
    app.anonymous().pay(begun["data"]["url"].as_str().unwrap(), GOOD).await;
    assert_eq!(offer.payments().await[0]["amount"], 1000);
    assert_eq!(offer.owned().await.len(), 2);
    app.finish().await;
}

#[actix_rt::test]
async fn stripes_first_invoice_gives_what_was_ticked() {
    let world = World::start().await;
    let offer = offer(&world.app, json!({})).await;
    let session = json!({ "id": "cs_1", "object": "checkout.session", "url": "https://checkout.stripe.example/c/cs_1" });
    world
        .stripe
        .answers([crate::harness::Reply::Body(200, session.to_string().into_bytes())]);
    offer.shop.api.post("/api/v1/checkout/sessions", offer.asked()).await.is(201);
    let body = world.stripe.requests().pop().unwrap().body;
    let names = ["fondaco_tenant", "product_id", "fondaco_checkout"];
    let metadata: serde_json::Map<String, Value> = names
        .iter()
        .map(|name| {
            let told = value(&body, &format!("subscription_data[metadata][{name}]")).unwrap();
            ((*name).to_owned(), told.into())
        })
        .collect();
    let invoice = json!({
        "id": "in_1", "object": "invoice", "customer": "cus_1", "customer_email": "ann@example.com", "amount_due": 3000,
        "amount_paid": 3000, "total": 3000, "currency": "usd", "billing_reason": "subscription_create", "attempt_count": 1,
        "status_transitions": { "paid_at": 1_779_200_000 },
        "parent": { "subscription_details": { "subscription": "sub_1", "metadata": metadata } },
        "lines": { "data": [{ "period": { "start": 1_779_200_000, "end": 1_781_800_000 } }] },
    });
    world.takes(&world.event("invoice.paid", invoice)).await;
    let payments = offer.payments().await;
    assert_eq!((payments.len(), payments[0]["line_items"].as_array().unwrap().len()), (1, 2));
    assert_eq!(offer.owned().await.len(), 2);
    world.finish().await;
}
