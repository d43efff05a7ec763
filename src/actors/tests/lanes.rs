//! Who may hold up whom: nobody.

use super::fixture::{START, Shop, World};
use super::receiver::Receiver;
use crate::clock::Clock;
use crate::domain::Event;
use entities::body;
use entities::delivery::{self, Status};
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

async fn shop() -> (World, Shop, Receiver) {
    let world = World::new(Clock::fixed(START)).await;
    let shop = world.boot().await;
    (world, shop, Receiver::start().await)
}

/// What a delivery of this event sends.
pub(super) fn body(event: &Event) -> body::Model {
    body::Model {
        event: event.id,
        place: 0,
        text: format!("{{\"data\":{}}}", event.data),
    }
}

/// A delivery that is due and claimed by nobody.
pub(super) fn row(event: &Event, endpoint: Uuid) -> delivery::Model {
    delivery::Model {
        id: Uuid::new_v4(),
        tenant: event.tenant,
        mode: event.mode.into(),
        event: event.id,
        endpoint,
        event_name: event.name.clone(),
        body_place: 0,
        status: Status::Pending,
        attempt_count: 0,
        attempts_max: 4,
        due_at: Some(START.0),
        lease_owner: None,
        lease_until_at: None,
        last_status: None,
        last_error: None,
        last_body: None,
        last_duration_ms: None,
        retry_of: None,
        round: 0,
        seq: 0,
        created_at: START.0,
        updated_at: START.0,
        delivered_at: None,
        failed_at: None,
    }
}

#[actix_rt::test]
async fn an_endpoint_that_never_answers_does_not_hold_up_another() {
    let (_world, shop, receiver) = shop().await;
    let (slow, quick) = (shop.seller(|_| {}).await, shop.seller(|_| {}).await);
    for n in 0..20 {
        shop.endpoint(&slow, receiver.url(&format!("/silent/{n}")), |_| {}).await;
    }
    shop.endpoint(&quick, receiver.url("/quick"), |_| {}).await;
    shop.emit_many(&slow, "product.created", (0..50).map(|n| json!({ "n": n })).collect())
        .await;
    shop.actors.poke_delivery();
    tokio::time::sleep(Duration::from_millis(200)).await;
    shop.emit_many(&quick, "product.created", (0..20).map(|n| json!({ "n": n })).collect())
        .await;
    shop.actors.poke_delivery();
    let watch = tokio::time::Instant::now();
    while receiver.hits_at("/quick") < 20 {
        assert!(
            watch.elapsed() < Duration::from_millis(900),
            "{} arrived",
            receiver.hits_at("/quick")
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let state = shop.actors.inspect_delivery().await.unwrap();
    assert!(state.in_flight <= super::super::delivery::lanes::TENANT_MAX as usize);
}

#[actix_rt::test]
async fn a_lane_opens_up_with_successes_and_a_full_one_leaves_its_rows_in_the_table() {
    let (_world, shop, receiver) = shop().await;
    let seller = shop.seller(|_| {}).await;
    shop.endpoint(&seller, receiver.url("/a"), |_| {}).await;
    shop.emit_many(&seller, "product.created", (0..300).map(|n| json!({ "n": n })).collect())
        .await;
    shop.settle().await;
    assert_eq!(receiver.hits_at("/a"), 300);
    shop.endpoint(&seller, receiver.url("/silent"), |_| {}).await;
    shop.emit_many(&seller, "product.created", (0..100).map(|n| json!({ "n": n })).collect())
        .await;
    shop.actors.poke_delivery();
    tokio::time::sleep(Duration::from_millis(500)).await;
    // Four to the silent one; what more there is of it waits in the table.
    assert_eq!(receiver.hits_at("/silent"), 4);
    assert_eq!(shop.actors.inspect_delivery().await.unwrap().in_flight, 4);
}
