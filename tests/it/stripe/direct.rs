//! Payments that a shop begins at Stripe by hand: what names a product gives it, at the catalogue's price and no other.

use super::World;
use crate::harness::{Reply, Shop};
use crate::subscriptions::has_access;
use serde_json::{Value, json};

/// A session made by hand.
fn session(id: &str, product: &str, amount: i64) -> Value {
    json!({
        "id": id, "object": "checkout.session", "mode": "payment", "status": "complete", "payment_status": "paid",
        "payment_intent": format!("pi_{id}"), "customer_details": { "email": "Ann@Example.com", "name": "Ann Meyer" },
        "amount_total": amount, "amount_subtotal": amount, "currency": "usd", "metadata": { "product_id": product },
    })
}

fn intent(id: &str, product: &str, amount: i64) -> Value {
    json!({
        "id": format!("pi_{id}"), "object": "payment_intent", "status": "succeeded", "amount": amount,
        "amount_received": amount, "currency": "usd", "latest_charge": format!("ch_{id}"),
        "metadata": { "product_id": product, "email": "ann@example.com" },
    })
}

async fn payments(shop: &Shop) -> Vec<Value> {
    let listed = shop.api.get("/api/v1/payments").await.is(200);
    listed["data"].as_array().unwrap().clone()
}

#[actix_rt::test]
async fn a_session_that_names_a_product_gives_it_once() {
    for first_is_session in [true, false] {
        let world = World::start().await;
        let shop = world.app.shop("sellf").await;
        let sink = world.app.sink().await;
        shop.endpoint(sink.url(), &["purchase.completed"]).await;
        let product = shop.product("brushes").await;
        let catalogue = shop.api.get(&format!("/api/v1/products/{product}")).await.is(200);
        let price = (catalogue["data"]["price"].as_f64().unwrap() * 100.0).round() as i64;
        let completed = world.event("checkout.session.completed", session("cs_1", &product, price));
        let succeeded = world.event("payment_intent.succeeded", intent("cs_1", &product, price));
        let order = match first_is_session {
            true => [&completed, &succeeded],
            false => [&succeeded, &completed],
        };
        for event in order.into_iter().chain(order) {
            world.takes(event).await;
        }
        let made = payments(&shop).await;
        assert_eq!(made.len(), 1, "{made:?}");
        assert_eq!(
            (&made[0]["amount"], &made[0]["customer_email"], &made[0]["product"]["id"]),
            (&json!(price), &json!("ann@example.com"), &json!(product))
        );
        assert!(has_access(&shop, &world.app, "ann@example.com").await);
        world.app.deliver_due().await;
        assert_eq!(sink.only().json()["data"]["order"]["paymentIntentId"], "pi_cs_1");
        // It is given back like any other.
        let charge = json!({
            "id": "ch_cs_1", "object": "charge", "payment_intent": "pi_cs_1", "amount": price, "amount_captured": price,
            "amount_refunded": price, "refunded": true, "currency": "usd", "metadata": {},
        });
        world.takes(&world.event("charge.refunded", charge)).await;
        assert!(!has_access(&shop, &world.app, "ann@example.com").await);
        world.finish().await;
    }
}

#[actix_rt::test]
async fn another_amount_currency_or_product_gives_nothing_and_is_not_asked_for_again() {
    let world = World::start().await;
    let shop = world.app.shop("fondaco").await;
    let product = shop.product("brushes").await;
    let monthly = json!({
        "name": "Monthly", "slug": "monthly", "price": 0, "price_includes_vat": false, "product_type": "subscription",
        "recurring_price": 1900, "billing_interval": "month",
    });
    let monthly = shop.api.post("/api/v1/products", monthly).await.is(201)["data"]["id"].clone();
    let mut currency = session("cs_2", &product, 1900);
    currency["currency"] = json!("eur");
    let mut nobody = session("cs_3", &product, 1900);
    nobody["customer_details"] = json!({});
    let mut ours = session("cs_4", &product, 1900);
    ours["metadata"]["fondaco_checkout"] = json!("0198c0de-0000-7000-8000-000000000001");
    for wrong in [
        session("cs_1", &product, 1),
        currency,
        nobody,
        ours,
        session("cs_5", monthly.as_str().unwrap(), 1900),
    ] {
        let answer = world.post(&world.event("checkout.session.completed", wrong)).await;
        assert!(
            answer.status == 200 && answer.json["skipped"].is_string(),
            "{}",
            answer.text()
        );
    }
    let unknown = session("cs_6", "0198c0de-0000-7000-8000-000000000001", 1900);
    let answer = world.post(&world.event("checkout.session.completed", unknown)).await;
    assert_eq!(answer.status, 200);
    assert!(payments(&shop).await.is_empty());
    assert!(!has_access(&shop, &world.app, "ann@example.com").await);
    world.finish().await;
}

#[actix_rt::test]
async fn a_named_customer_and_stripes_own_promotion_count() {
    let world = World::start().await;
    let shop = world.app.shop("fondaco").await;
    let product = shop.product("brushes").await;
    let free = json!({ "name": "Sampler", "slug": "sampler", "price": 0, "price_includes_vat": false });
    let free = shop.api.post("/api/v1/products", free).await.is(201)["data"]["id"].clone();
    let known = json!({ "product_id": free, "email": "ben@example.com" });
    shop.api.post("/api/v1/checkout/sessions", known).await.is(201);
    let users = shop.api.get("/api/v1/users").await.is(200);
    let mut paid = session("cs_1", &product, 1500);
    paid["metadata"]["user_id"] = users["data"][0]["id"].clone();
    paid["amount_subtotal"] = json!(1900);
    paid["total_details"] = json!({ "amount_discount": 400, "amount_tax": 0 });
    world.takes(&world.event("checkout.session.completed", paid)).await;
    let made = payments(&shop).await;
    let made = made.iter().find(|row| row["product"]["id"] == json!(product)).unwrap();
    assert_eq!(
        (&made["amount"], &made["customer_email"]),
        (&json!(1500), &json!("ben@example.com"))
    );
    world.finish().await;
}

#[actix_rt::test]
async fn a_place_on_sale_waits_for_slow_money_and_is_free_where_stripe_refuses() {
    let world = World::start().await;
    let shop = world.app.shop("fondaco").await;
    let body = json!({
        "name": "Brushes", "slug": "brushes", "price": 1900, "currency": "USD", "sale_price": 700, "sale_quantity_limit": 1,
    });
    let product = shop.api.post("/api/v1/products", body).await.is(201)["data"]["id"].clone();
    let asked = json!({ "product_id": product, "email": "ann@example.com" });
    let path = "/api/v1/checkout/sessions";
    world.stripe.answers([Reply::Status(500)]);
    shop.api.post(path, asked.clone()).await.is(503);
    let opened = |id: &str| {
        let body = json!({ "id": id, "object": "checkout.session", "url": format!("https://checkout.stripe.example/c/{id}") });
        Reply::Body(200, body.to_string().into_bytes())
    };
    world.stripe.answers([opened("cs_1")]);
    assert_eq!(shop.api.post(path, asked.clone()).await.is(201)["data"]["amount"], 700);
    let mut slow = session("cs_1", product.as_str().unwrap(), 700);
    slow["payment_status"] = json!("unpaid");
    world.takes(&world.event("checkout.session.completed", slow.clone())).await;
    world.app.advance(5 * 86_400).await;
    world.stripe.answers([opened("cs_2")]);
    assert_eq!(shop.api.post(path, asked).await.is(201)["data"]["amount"], 1900);
    slow["payment_status"] = json!("paid");
    world
        .takes(&world.event("checkout.session.async_payment_succeeded", slow))
        .await;
    assert_eq!(payments(&shop).await[0]["amount"], 700);
    world.finish().await;
}
