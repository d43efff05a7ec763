//! The signature, and what is answered to whom.

use super::{SECRET, World, signature};
use crate::harness::Answer;
use reqwest::Method;
use serde_json::json;

async fn with_header(world: &World, header: Option<&str>, body: &str) -> Answer {
    let client = world.app.anonymous();
    let client = header.map_or(client.clone(), |header| client.header("Stripe-Signature", header));
    client.raw(Method::POST, "/api/webhooks/stripe", body.to_owned()).await
}

#[actix_rt::test]
async fn only_what_stripe_signed_is_looked_at() {
    let world = World::start().await;
    let now = world.app.clock.now().seconds();
    let body = world.event("customer.created", json!({ "id": "cus_1" })).to_string();
    let good = signature(SECRET, now, &body);
    let digest = good.split("v1=").nth(1).unwrap().to_owned();
    let refused = [
        None,
        Some(String::new()),
        Some("t=1".to_owned()),
        Some("v1=00".to_owned()),
        Some(format!("t={now},v1={}", "0".repeat(64))),
        Some(signature("whsec_of_somebody_else", now, &body)),
        Some(signature(SECRET, now - 301, &body)),
        Some(signature(SECRET, now + 301, &body)),
        Some(format!("t={now},v0={digest}")),
        Some(format!("t={},v1={digest}", now - 1)),
    ];
    for header in refused {
        let answer = with_header(&world, header.as_deref(), &body).await;
        assert!(
            answer.status == 400 && answer.json["error"].is_string(),
            "{header:?}: {}",
            answer.text()
        );
        assert_eq!(answer.json.as_object().unwrap().len(), 1, "{}", answer.text());
    }
    let taken = [
        good.clone(),
        signature(SECRET, now - 300, &body),
        format!("v0=1,v1={},v1={digest},t={now}", "0".repeat(64)),
    ];
    for header in taken {
        let answer = with_header(&world, Some(&header), &body).await;
        answer.equals(200, json!({ "received": true }));
    }
    let changed = body.replace("cus_1", "cus_2");
    assert_eq!(with_header(&world, Some(&good), &changed).await.status, 400);
    world.finish().await;
}

#[actix_rt::test]
async fn other_methods_other_bodies_and_other_types_have_their_answers() {
    let world = World::start().await;
    let get = world.app.anonymous().get("/api/webhooks/stripe").await;
    assert!(get.status == 405 && get.json["error"].is_string(), "{}", get.text());
    let now = world.app.clock.now().seconds();
    for body in ["", "{", "[]", "{\"id\":\"evt_1\"}"] {
        let answer = with_header(&world, Some(&signature(SECRET, now, body)), body).await;
        assert!(
            answer.status == 400 && answer.json["error"].is_string(),
            "{body}: {}",
            answer.text()
        );
    }
    for name in [
        "customer.subscription.paused",
        "customer.subscription.resumed",
        "account.updated",
        "x",
    ] {
        let event = world.event(name, json!({ "id": "sub_1", "status": "paused" }));
        world.takes(&event).await;
    }
    let misfits = [
        (
            "checkout.session.completed",
            json!({ "id": "cs_1", "mode": "payment", "payment_status": "paid" }),
        ),
        (
            "customer.subscription.updated",
            json!({ "id": "sub_1", "status": "active", "metadata": { "product_id": "0190b2a4-5e6f-7a8b-9c0d-1e2f3a4b5c6d" } }),
        ),
        ("invoice.paid", json!({ "id": "in_1" })),
        ("charge.refunded", json!({ "id": "ch_1", "amount_refunded": 5 })),
    ];
    for (name, object) in misfits {
        let answer = world.post(&world.event(name, object)).await;
        assert!(
            answer.status == 200 && answer.json["received"] == true,
            "{name}: {}",
            answer.text()
        );
    }
    world.finish().await;
}

#[actix_rt::test]
async fn more_than_a_hundred_calls_a_minute_are_told_to_wait() {
    let world = World::start().await;
    let event = world.event("customer.created", json!({ "id": "cus_1" }));
    for _ in 0..100 {
        world.takes(&event).await;
    }
    let body = event.to_string();
    assert_eq!(
        with_header(&world, Some("t=1,v1=00"), &body).await.status,
        400,
        "forgeries do not count"
    );
    let refused = world.post(&event).await;
    assert!(
        refused.status == 429 && refused.json["error"].is_string(),
        "{}",
        refused.text()
    );
    world.app.advance(60).await;
    world.takes(&event).await;
    world.finish().await;
}

#[actix_rt::test]
async fn a_failure_is_told_to_stripe_only_where_it_shall_try_again() {
    let world = World::start().await;
    let shop = world.app.shop("fondaco").await;
    let metadata = json!({ "fondaco_tenant": shop.tenant, "email": "ann@example.com" });
    let store = world.app.store();
    for (name, status) in [("customer.subscription.updated", 500), ("customer.subscription.created", 200)] {
        let object = json!({ "id": "sub_1", "status": "active", "metadata": metadata });
        store.faults().fail_commit_at(1);
        let answer = world.post(&world.event(name, object)).await;
        assert_eq!(answer.status, status, "{name}: {}", answer.text());
    }
    world.finish().await;
}
