//! What dies, and what is lost by it: nothing.

use super::fixture::{START, Shop, World};
use super::receiver::Receiver;
use crate::actors::Fault;
use crate::clock::{Clock, Ids};
use crate::domain::Timestamp;
use crate::domain::delivery::Decision;
use crate::store::lease::{self, Lease};
use crate::store::outbox::record::{self, Made};
use crate::store::outbox::{bodies, due, fan_out};
use entities::attempt;
use entities::delivery::{self, Status};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

async fn shop() -> (World, Shop, Receiver) {
    let world = World::new(Clock::fixed(START)).await;
    let shop = world.boot().await;
    (world, shop, Receiver::start().await)
}

#[actix_rt::test]
async fn a_workers_panic_loses_no_job_and_is_counted() {
    let (_world, shop, receiver) = shop().await;
    let seller = shop.seller(|_| {}).await;
    shop.endpoint(&seller, receiver.url("/a"), |_| {}).await;
    shop.actors.inject(Fault::WorkerPanic(1)).await;
    shop.emit(&seller, "product.created", json!({})).await;
    shop.settle().await;
    let [delivery] = shop.deliveries(&seller).await.try_into().unwrap();
    assert_eq!((delivery.status, delivery.attempt_count), (Status::Success, 1));
    assert_eq!(shop.actors.inspect_delivery().await.unwrap().lost, 1);
    assert_eq!(receiver.hits().len(), 1);
}

#[actix_rt::test]
async fn an_attempt_lost_twice_is_a_failed_attempt() {
    let (_world, shop, receiver) = shop().await;
    let seller = shop.seller(|_| {}).await;
    shop.endpoint(&seller, receiver.url("/a"), |_| {}).await;
    shop.actors.inject(Fault::WorkerPanic(2)).await;
    shop.emit(&seller, "product.created", json!({})).await;
    shop.settle().await;
    let [delivery] = shop.deliveries(&seller).await.try_into().unwrap();
    assert_eq!(
        (delivery.status, delivery.due_at),
        (Status::PendingRetry, Some(START.0 + 60_000))
    );
    assert!(receiver.hits().is_empty());
    shop.advance(Duration::from_secs(60));
    shop.settle().await;
    assert_eq!(receiver.hits().len(), 1);
}

#[actix_rt::test]
async fn many_panics_lose_nothing() {
    let (_world, shop, receiver) = shop().await;
    let seller = shop.seller(|_| {}).await;
    shop.endpoint(&seller, receiver.url("/a"), |_| {}).await;
    for round in 0..10 {
        shop.actors.inject(Fault::WorkerPanic(1)).await;
        shop.emit_many(
            &seller,
            "product.created",
            (0..10).map(|n| json!({"n": n, "round": round})).collect(),
        )
        .await;
        shop.settle().await;
    }
    shop.advance(Duration::from_secs(60));
    shop.settle().await;
    let rows = shop.deliveries(&seller).await;
    assert_eq!(rows.len(), 100);
    assert!(rows.iter().all(|row| row.status == Status::Success));
    assert_eq!(receiver.hits().len(), 100, "none was sent twice");
}

#[actix_rt::test]
async fn a_claim_is_exclusive_until_it_ends() {
    let (_world, shop, receiver) = shop().await;
    let seller = shop.seller(|_| {}).await;
    let ids = waiting(&shop, &seller, &receiver).await;
    let later = Timestamp(START.0 + lease::LEASE_MS);
    let claim = |owner: &str, real_now| {
        let (store, ids, lease) = (shop.store.clone(), ids.clone(), Lease::new(owner, real_now));
        async move { lease::claim(&store, ids, &lease, START, real_now).await.unwrap().len() }
    };
    let (one, other) = tokio::join!(claim("one", START), claim("other", START));
    assert_eq!(one + other, ids.len());
    assert_eq!(claim("third", Timestamp(later.0 - 1)).await, 0);
    assert_eq!(claim("third", later).await, ids.len());
}

/// Adds deliveries that are due and claimed by nobody.
async fn waiting(shop: &Shop, seller: &super::fixture::Seller, receiver: &Receiver) -> Vec<uuid::Uuid> {
    let endpoint = shop.endpoint(seller, receiver.url("/silent"), |_| {}).await;
    shop.emit_many(seller, "product.created", (0..4).map(|n| json!({ "n": n })).collect())
        .await;
    let events = fan_out::waiting(&shop.store, 10).await.unwrap();
    let rows: Vec<_> = events.iter().map(|event| super::lanes::row(event, endpoint)).collect();
    let ids = rows.iter().map(|row| row.id).collect();
    let fan_out = fan_out::FanOut {
        bodies: events.iter().map(super::lanes::body).collect(),
        events,
        deliveries: rows,
        now: START,
    };
    fan_out::commit(&shop.store, Arc::new(fan_out)).await.unwrap();
    ids
}

#[actix_rt::test]
async fn a_try_that_outlived_its_claim_is_not_the_record_of_a_later_one() {
    let (_world, shop, receiver) = shop().await;
    let seller = shop.seller(|_| {}).await;
    let ids = waiting(&shop, &seller, &receiver).await;
    let claim = async |at: i64| {
        let lease = Lease::new("one", Timestamp(at));
        lease::claim(&shop.store, ids.clone(), &lease, Timestamp(at), Timestamp(at)).await
    };
    let record = async |number| {
        let made = made(&shop.deliveries(&seller).await[0], number);
        record::attempts(&shop.store, "one", &Ids::default(), vec![Arc::new(made)]).await
    };
    claim(START.0).await.unwrap();
    assert_eq!(record(1).await.unwrap(), 1);
    claim(START.0 + 60_000).await.unwrap();
    assert_eq!(record(1).await.unwrap(), 0, "that was the first try once more");
    assert_eq!(record(2).await.unwrap(), 1);
    assert_eq!(shop.deliveries(&seller).await[0].attempt_count, 2);
}

/// A failed try of this number.
fn made(row: &delivery::Model, number: i32) -> Made {
    Made {
        attempt: attempt::Model {
            id: uuid::Uuid::new_v4(),
            delivery: row.id,
            tenant: row.tenant,
            mode: row.mode,
            number,
            started_at: START.0,
            duration_ms: 1,
            connect_ms: None,
            first_byte_ms: None,
            http_status: 500,
            error_class: None,
            error: None,
            response_headers: None,
            response_body: None,
        },
        endpoint: row.endpoint,
        decision: Decision::RetryAt(START + Duration::from_secs(60)),
        waiting_become: Status::Held,
        ended_at: START,
    }
}

#[actix_rt::test]
async fn what_was_claimed_before_a_crash_is_attempted_by_the_next_boot_with_the_same_bytes() {
    let world = World::new(Clock::fixed(START)).await;
    if world.database.url().starts_with("postgres") {
        // There a lease of a dead node runs out instead: other nodes may be alive.
        return;
    }
    let shop = world.boot().await;
    let receiver = Receiver::start().await;
    let seller = shop.seller(|_| {}).await;
    shop.endpoint(&seller, receiver.url("/a"), |_| {}).await;
    let before = waiting(&shop, &seller, &receiver).await;
    let lease = Lease::new("dead/boot", START);
    lease::claim(&shop.store, before.clone(), &lease, START, START).await.unwrap();
    let rows = shop.deliveries(&seller).await;
    let bodies = bodies::of(&shop.store, rows.iter()).await.unwrap();
    let mut bodies: Vec<_> = bodies
        .into_values()
        .map(|body| String::from_utf8(body.to_vec()).unwrap())
        .collect();
    bodies.sort();
    shop.settle().await;
    assert!(receiver.hits().is_empty(), "they are another's");
    drop(shop);
    let next = world.boot().await;
    next.settle().await;
    let mut sent: Vec<_> = receiver.hits().into_iter().map(|hit| hit.body).collect();
    sent.sort();
    assert_eq!(sent, bodies);
}

#[actix_rt::test]
async fn stopping_finishes_what_is_in_flight_and_leaves_no_lease() {
    let (_world, shop, receiver) = shop().await;
    let seller = shop.seller(|_| {}).await;
    shop.endpoint(&seller, receiver.url("/silent"), |_| {}).await;
    shop.emit(&seller, "product.created", json!({})).await;
    shop.actors.poke_delivery();
    while receiver.hits().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    shop.actors.stop().await;
    let [delivery] = shop.deliveries(&seller).await.try_into().unwrap();
    assert_eq!((delivery.attempt_count, delivery.lease_owner), (1, None));
    assert_eq!(due::pending(&shop.store).await.unwrap(), 1);
}

#[actix_rt::test]
async fn a_lease_that_ends_under_way_does_not_start_a_second_try() {
    let (world, shop, receiver) = shop().await;
    let seller = shop.seller(|_| {}).await;
    shop.endpoint(&seller, receiver.url("/silent"), |_| {}).await;
    shop.emit(&seller, "product.created", json!({})).await;
    shop.actors.poke_delivery();
    while receiver.hits().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    // As when the machine slept for two minutes.
    world.clock.stand_at(START + Duration::from_secs(120));
    shop.settle().await;
    assert_eq!(receiver.hits().len(), 1);
    let [delivery] = shop.deliveries(&seller).await.try_into().unwrap();
    assert_eq!((delivery.attempt_count, delivery.lease_owner), (1, None));
    assert_eq!(shop.actors.inspect_delivery().await.unwrap().in_flight, 0);
}

#[actix_rt::test]
async fn an_attempt_that_could_not_be_recorded_is_recorded_later() {
    let (_world, shop, receiver) = shop().await;
    let seller = shop.seller(|_| {}).await;
    shop.endpoint(&seller, receiver.url("/a"), |_| {}).await;
    shop.emit(&seller, "product.created", json!({})).await;
    // The first commit from now is the fan-out, the second the record.
    shop.store.faults().fail_commit_at(2);
    shop.settle().await;
    let [delivery] = shop.deliveries(&seller).await.try_into().unwrap();
    assert_eq!((delivery.status, delivery.attempt_count), (Status::Success, 1));
    assert_eq!(receiver.hits().len(), 1);
}

#[actix_rt::test]
async fn a_lost_poke_is_made_good_by_the_next_tick() {
    let mut world = World::new(Clock::fixed(START)).await;
    world.has_ticks = true;
    let (shop, receiver) = (world.boot().await, Receiver::start().await);
    let seller = shop.seller(|_| {}).await;
    shop.endpoint(&seller, receiver.url("/a"), |_| {}).await;
    shop.emit(&seller, "product.created", json!({})).await;
    let watch = tokio::time::Instant::now();
    while receiver.hits().is_empty() {
        assert!(watch.elapsed() < Duration::from_secs(5));
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    shop.actors.stop().await;
    shop.actors.settle(START).await;
}

#[actix_rt::test]
async fn large_bodies_are_claimed_a_few_at_a_time_and_all_arrive() {
    let (_world, shop, receiver) = shop().await;
    let seller = shop.seller(|_| {}).await;
    for n in 0..10 {
        shop.endpoint(&seller, receiver.url(&format!("/{n}")), |_| {}).await;
    }
    let text = "x".repeat(500_000);
    shop.emit_many(
        &seller,
        "product.created",
        (0..6).map(|n| json!({"n": n, "text": text})).collect(),
    )
    .await;
    shop.settle().await;
    assert_eq!(receiver.hits().len(), 60);
}
