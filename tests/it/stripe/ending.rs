//! What a subscriber of Stripe's does himself, and what a native shop is told.

use super::World;
use super::order::{Scene, subscription};
use crate::harness::Reply;
use crate::subscriptions::{count, listener, monthly, names, own, person};
use serde_json::json;

#[actix_rt::test]
async fn a_subscriber_ends_his_subscription_at_stripe_and_stripe_tells_of_it() {
    let scene = Scene::start().await;
    let world = &scene.world;
    world
        .takes(&world.event("customer.subscription.created", scene.subscription("active")))
        .await;
    let ann = person(&world.app, "ann@example.com").await;
    prove(world, "ann@example.com").await;
    let mine = own(&ann).await;
    let path = format!("/api/subscriptions/{}/cancel", mine["id"].as_str().unwrap());
    world.stripe.answers([Reply::Status(500)]);
    let refused = ann.post(&path, json!({})).await;
    assert!(
        refused.status == 500 && refused.json["error"].is_string(),
        "{}",
        refused.text()
    );
    let mut ends = scene.subscription("active");
    ends["cancel_at_period_end"] = json!(true);
    world.stripe.answers([Reply::Body(200, ends.to_string().into_bytes())]);
    ann.post(&path, json!({})).await.equals(200, json!({ "ok": true }));
    let sent = world.stripe.requests().pop().unwrap();
    assert!(sent.path.ends_with("/v1/subscriptions/sub_1"), "{}", sent.path);
    assert_eq!(own(&ann).await["cancel_at_period_end"], true);
    assert_eq!(scene.told_of("subscription.updated").await.len(), 0);
    let mut event = world.event("customer.subscription.updated", ends);
    event["data"]["previous_attributes"] = json!({ "cancel_at_period_end": false });
    world.takes(&event).await;
    assert_eq!(scene.told_of("subscription.updated").await.len(), 1);
    scene.world.finish().await;
}

/// Proves an address as its owner would, and gives him what was bought under it.
async fn prove(world: &World, email: &str) {
    let token = crate::people::token_for(&world.app, email).await;
    world
        .app
        .anonymous()
        .post("/api/auth/verify", json!({ "token": token }))
        .await
        .is(200);
}

#[actix_rt::test]
async fn a_native_shop_is_told_the_same_in_its_own_words() {
    let world = World::start().await;
    let shop = world.app.shop("fondaco").await;
    let product = monthly(&shop, json!({})).await;
    let sink = listener(&world.app, &shop).await;
    let object = subscription(&shop, &product, "active");
    world.takes(&world.event("customer.subscription.created", object)).await;
    world.app.deliver_due().await;
    let told = sink.requests();
    assert_eq!(names(&told).len(), 2, "{:?}", names(&told));
    assert_eq!(count(&told, "subscription.created"), 1);
    world.finish().await;
}
