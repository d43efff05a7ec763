//! A purchase through Stripe, from the session to the refund, over HTTP.

use super::{World, value};
use crate::harness::{Reply, Shop};
use crate::subscriptions::has_access;
use serde_json::{Value, json};

fn session(id: &str) -> Reply {
    let url = format!("https://checkout.stripe.example/c/{id}");
    let body = json!({ "id": id, "object": "checkout.session", "url": url });
    Reply::Body(200, body.to_string().into_bytes())
}

/// Opens a checkout; returns its id and what Stripe was told to send back with later events.
async fn open(world: &World, shop: &Shop) -> (String, Value) {
    open_as(world, shop, "cs_1").await
}

/// The same under Stripe's id for it.
pub(super) async fn open_as(world: &World, shop: &Shop, session_ref: &str) -> (String, Value) {
    world.stripe.answers([session(session_ref)]);
    let product = shop.product("brushes").await;
    let asked = json!({ "product_id": product, "email": "ann@example.com" });
    let made = shop.api.post("/api/v1/checkout/sessions", asked).await.is(201);
    assert_eq!(
        made["data"]["url"],
        json!(format!("https://checkout.stripe.example/c/{session_ref}"))
    );
    let body = world.stripe.requests().pop().unwrap().body;
    let names = ["fondaco_tenant", "product_id", "fondaco_checkout"];
    let metadata: serde_json::Map<String, Value> = names
        .iter()
        .map(|name| {
            (
                (*name).to_owned(),
                value(&body, &format!("payment_intent_data[metadata][{name}]"))
                    .unwrap()
                    .into(),
            )
        })
        .collect();
    (made["data"]["id"].as_str().unwrap().to_owned(), Value::Object(metadata))
}

pub(super) fn paid(metadata: &Value, amount: i64) -> Value {
    json!({
        "id": "cs_1", "object": "checkout.session", "mode": "payment", "status": "complete", "payment_status": "paid",
        "payment_intent": "pi_1", "customer": null, "customer_details": { "email": "ann@example.com", "name": "Ann Meyer" },
        "amount_total": amount, "amount_subtotal": amount, "currency": "usd", "metadata": metadata,
    })
}

fn intent(metadata: &Value) -> Value {
    json!({
        "id": "pi_1", "object": "payment_intent", "status": "succeeded", "amount": 1900, "amount_received": 1900,
        "currency": "usd", "latest_charge": "ch_1", "metadata": metadata,
    })
}

pub(super) async fn payments(shop: &Shop) -> Vec<Value> {
    let listed = shop.api.get("/api/v1/payments").await.is(200);
    listed["data"].as_array().unwrap().clone()
}

#[actix_rt::test]
async fn session_and_intent_are_one_payment_whichever_comes_first() {
    for first_is_session in [true, false] {
        let world = World::start().await;
        let shop = world.app.shop("fondaco").await;
        let (_, metadata) = open(&world, &shop).await;
        let session = world.event("checkout.session.completed", paid(&metadata, 1900));
        let intent = world.event("payment_intent.succeeded", intent(&metadata));
        let order = if first_is_session {
            [&session, &intent]
        } else {
            [&intent, &session]
        };
        for event in order.into_iter().chain(order) {
            world.takes(event).await;
        }
        let payments = payments(&shop).await;
        assert_eq!(payments.len(), 1, "{payments:?}");
        assert_eq!(
            (&payments[0]["amount"], &payments[0]["stripe_payment_intent_id"]),
            (&json!(1900), &json!("pi_1"))
        );
        assert!(has_access(&shop, &world.app, "ann@example.com").await);
        world.finish().await;
    }
}

#[actix_rt::test]
async fn what_is_not_paid_or_not_enough_gives_nothing() {
    let world = World::start().await;
    let shop = world.app.shop("fondaco").await;
    let (_, metadata) = open(&world, &shop).await;
    let mut unpaid = paid(&metadata, 1900);
    unpaid["payment_status"] = json!("unpaid");
    world.takes(&world.event("checkout.session.completed", unpaid.clone())).await;
    let mut tampered = vec![paid(&metadata, 1), paid(&metadata, -1900)];
    let mut other = paid(&metadata, 1900);
    other["currency"] = json!("vnd");
    tampered.push(other);
    for object in tampered {
        let answer = world.post(&world.event("checkout.session.completed", object)).await;
        assert!(
            answer.status == 200 && answer.json["skipped"].is_string(),
            "{}",
            answer.text()
        );
    }
    assert!(payments(&shop).await.is_empty() && !has_access(&shop, &world.app, "ann@example.com").await);
    // The money of a slow method arrives after all.
    world
        .takes(&world.event("checkout.session.async_payment_succeeded", unpaid))
        .await;
    assert!(has_access(&shop, &world.app, "ann@example.com").await);
    world.finish().await;
}

#[actix_rt::test]
async fn refunds_come_in_any_order_and_even_before_the_payment() {
    let world = World::start().await;
    let shop = world.app.shop("fondaco").await;
    let sink = world.app.sink().await;
    shop.endpoint(sink.url(), &["refund.issued"]).await;
    let (_, metadata) = open(&world, &shop).await;
    let now = world.app.clock.now().seconds();
    let charge = |refunded: i64| {
        json!({
            "id": "ch_1", "object": "charge", "payment_intent": "pi_1", "amount": 1900, "amount_captured": 1900,
            "amount_refunded": refunded, "refunded": refunded == 1900, "currency": "usd", "metadata": {},
        })
    };
    let refund = |id: &str, amount: i64| {
        json!({
            "id": id, "object": "refund", "charge": "ch_1", "payment_intent": "pi_1", "amount": amount, "currency": "usd",
            "status": "succeeded", "reason": "requested_by_customer",
        })
    };
    // A refund that nobody knows the payment of waits for it.
    world
        .takes(&world.event_at("refund.created", now + 1, refund("re_1", 400)))
        .await;
    assert!(payments(&shop).await.is_empty());
    world
        .takes(&world.event("checkout.session.completed", paid(&metadata, 1900)))
        .await;
    assert_eq!(payments(&shop).await[0]["refunded_amount"], 400);
    // All of it, told by the charge; then the partial charge event that was late.
    world.takes(&world.event_at("charge.refunded", now + 9, charge(1900))).await;
    world.takes(&world.event_at("charge.refunded", now + 1, charge(400))).await;
    world
        .takes(&world.event_at("refund.updated", now + 9, refund("re_1", 400)))
        .await;
    let after = &payments(&shop).await[0];
    assert_eq!(
        (&after["refunded_amount"], &after["status"]),
        (&json!(1900), &json!("refunded"))
    );
    assert!(!has_access(&shop, &world.app, "ann@example.com").await);
    world.app.deliver_due().await;
    let steps: Vec<i64> = sink
        .requests()
        .iter()
        .map(|one| one.json()["data"]["refund"]["amount"].as_i64().unwrap())
        .collect();
    assert_eq!(steps.iter().sum::<i64>(), 1900, "each rise is told once: {steps:?}");
    world.finish().await;
}

#[actix_rt::test]
async fn a_dispute_takes_what_was_bought() {
    let world = World::start().await;
    let shop = world.app.shop("fondaco").await;
    let (_, metadata) = open(&world, &shop).await;
    world
        .takes(&world.event("checkout.session.completed", paid(&metadata, 1900)))
        .await;
    let dispute = json!({
        "id": "dp_1", "object": "dispute", "charge": "ch_1", "payment_intent": "pi_1", "amount": 1900, "currency": "usd",
        "reason": "fraudulent",
    });
    for _ in 0..2 {
        world.takes(&world.event("charge.dispute.created", dispute.clone())).await;
    }
    assert_eq!(payments(&shop).await[0]["status"], "disputed");
    assert!(!has_access(&shop, &world.app, "ann@example.com").await);
    world.finish().await;
}

#[actix_rt::test]
async fn a_stripe_that_is_down_leaves_nothing_half_done() {
    let world = World::start().await;
    let shop = world.app.shop("fondaco").await;
    let product = shop.product("brushes").await;
    for reply in [Reply::Status(500), Reply::Body(200, b"garbage".to_vec())] {
        world.stripe.answers([reply]);
        let refused = shop
            .api
            .post(
                "/api/v1/checkout/sessions",
                json!({ "product_id": product, "email": "ann@example.com" }),
            )
            .await;
        assert_eq!(refused.status, 503, "{}", refused.text());
    }
    assert!(payments(&shop).await.is_empty());
    world.finish().await;
}
