//! Refunds that Stripe was asked for and did not answer.

use super::purchase::{open_as, paid, payments};
use super::{World, value};
use crate::harness::{Received, Reply, Shop};
use crate::subscriptions::has_access;
use serde_json::json;

/// A shop that sold something through Stripe; returns the path of the payment's refund.
async fn sold(world: &World, shop: &Shop, number: u32) -> String {
    let session = format!("cs_{number}");
    let (_, metadata) = open_as(world, shop, &session).await;
    let mut object = paid(&metadata, 1900);
    (object["id"], object["payment_intent"]) = (json!(session), json!(format!("pi_{number}")));
    world.takes(&world.event("checkout.session.completed", object)).await;
    // Its fee is asked for first.
    world.stripe.answers([super::fees::told(json!(85))]);
    world.app.advance(1).await;
    let payment = payments(shop).await[0]["id"].as_str().unwrap().to_owned();
    format!("/api/v1/payments/{payment}/refund")
}

fn refunded(id: &str) -> Reply {
    let body = json!({ "id": id, "object": "refund", "status": "succeeded" });
    Reply::Body(200, body.to_string().into_bytes())
}

/// What Stripe was asked to give back so far.
fn asked(world: &World) -> Vec<Received> {
    let all = world.stripe.requests().into_iter();
    all.filter(|request| request.path.ends_with("/v1/refunds")).collect()
}

async fn is_given_back(world: &World, shop: &Shop) -> bool {
    let payment = payments(shop).await.remove(0);
    let (status, amount) = (&payment["status"], &payment["refunded_amount"]);
    let is_whole = (status, amount) == (&json!("refunded"), &json!(1900));
    assert!(is_whole || (status, amount) == (&json!("completed"), &json!(0)), "{payment}");
    assert_eq!(has_access(shop, &world.app, "ann@example.com").await, !is_whole);
    is_whole
}

#[actix_rt::test]
async fn a_refund_that_stripe_did_not_answer_is_asked_for_again_until_it_does() {
    let world = World::start().await;
    let shop = world.app.shop("fondaco").await;
    let sink = world.app.sink().await;
    shop.endpoint(sink.url(), &["refund.issued"]).await;
    let path = sold(&world, &shop, 1).await;
    world.stripe.answers([Reply::Status(500)]);
    shop.api.post(&path, json!({})).await.is(503);
    // Nobody knows whether the money went: its share is held, and nothing is taken.
    shop.api.post(&path, json!({ "amount": 1 })).await.is(409);
    assert!(!is_given_back(&world, &shop).await);
    world.app.advance(50).await;
    assert_eq!(asked(&world).len(), 1, "it is given time to answer");
    world.stripe.answers([Reply::Body(200, b"<html>welcome</html>".to_vec())]);
    for _ in 0..3 {
        world.app.advance(11).await;
    }
    assert_eq!(asked(&world).len(), 2, "a provider in trouble is not asked every second");
    assert!(!is_given_back(&world, &shop).await);
    world.stripe.answers([refunded("re_1")]);
    world.app.advance(61).await;
    assert!(is_given_back(&world, &shop).await);
    world.app.advance(3_600).await;
    let asked = asked(&world);
    assert_eq!(asked.len(), 3);
    for again in &asked {
        assert_eq!(again.header("idempotency-key"), asked[0].header("idempotency-key"));
        assert_eq!(again.body, asked[0].body);
        assert_eq!(value(&again.body, "amount").as_deref(), Some("1900"));
    }
    let told = sink.only().json();
    assert_eq!(told["data"]["refund"]["stripe_refund_id"], "re_1");
    world.finish().await;
}

#[actix_rt::test]
async fn one_shops_trouble_with_stripe_holds_up_no_other() {
    let world = World::start().await;
    let (first, second) = (world.app.shop("fondaco").await, world.app.shop("fondaco").await);
    let paths = [sold(&world, &first, 1).await, sold(&world, &second, 2).await];
    for (shop, path) in [&first, &second].into_iter().zip(&paths) {
        world.stripe.answers([Reply::Status(500)]);
        shop.api.post(path, json!({})).await.is(503);
        world.app.advance(1).await;
    }
    // The older one's key is good no more.
    let refusal = json!({ "error": { "message": "Invalid API Key" } }).to_string().into_bytes();
    world.stripe.answers([Reply::Body(401, refusal), refunded("re_2")]);
    world.app.advance(61).await;
    assert!(!is_given_back(&world, &first).await);
    assert!(is_given_back(&world, &second).await);
    world.stripe.answers([refunded("re_1")]);
    world.app.advance(61).await;
    assert!(is_given_back(&world, &first).await);
    world.finish().await;
}

#[actix_rt::test]
async fn a_request_whose_refund_came_late_is_granted() {
    let world = World::start().await;
    let shop = world.app.shop("fondaco").await;
    let path = sold(&world, &shop, 1).await;
    let change = json!({ "is_refundable": true });
    let product = payments(&shop).await[0]["product"]["id"].clone();
    let product = format!("/api/v1/products/{}", product.as_str().unwrap());
    shop.api.patch(&product, change).await.is(200);
    world.app.advance(1).await;
    let ann = crate::subscriptions::person(&world.app, "ann@example.com").await;
    let proof = json!({ "token": crate::people::token_for(&world.app, "ann@example.com").await });
    world.app.anonymous().post("/api/auth/verify", proof).await.is(200);
    let payment = path.split('/').nth(4).unwrap();
    let made = ann
        .post("/api/refund-requests", json!({ "transaction_id": payment }))
        .await
        .is(201);
    let request = format!("/api/v1/refund-requests/{}", made["data"]["id"].as_str().unwrap());
    world.stripe.answers([Reply::Status(500)]);
    shop.api.patch(&request, json!({ "action": "approve" })).await.is(503);
    assert_eq!(shop.api.get(&request).await.is(200)["data"]["status"], "pending");
    world.stripe.answers([refunded("re_1")]);
    world.app.advance(61).await;
    assert!(is_given_back(&world, &shop).await);
    assert_eq!(shop.api.get(&request).await.is(200)["data"]["status"], "approved");
    world.finish().await;
}

#[actix_rt::test]
async fn a_refund_that_stripe_refuses_in_the_end_frees_its_share() {
    let world = World::start().await;
    let shop = world.app.shop("fondaco").await;
    let path = sold(&world, &shop, 1).await;
    world.stripe.answers([Reply::Status(500)]);
    shop.api.post(&path, json!({})).await.is(503);
    let refusal = json!({ "error": { "code": "charge_disputed", "message": "Disputed." } });
    world.stripe.answers([Reply::Body(400, refusal.to_string().into_bytes())]);
    world.app.advance(61).await;
    assert!(!is_given_back(&world, &shop).await);
    world.stripe.answers([refunded("re_1")]);
    shop.api.post(&path, json!({})).await.is(200);
    assert!(is_given_back(&world, &shop).await);
    let keys: Vec<String> = asked(&world)
        .iter()
        .map(|request| request.header("idempotency-key").to_owned())
        .collect();
    assert!(keys[0] == keys[1] && keys[1] != keys[2], "{keys:?}");
    world.finish().await;
}
