//! From an event to a receiver: bodies, headers, retries, endpoints that are off.

use super::fixture::{SECRET, START, Seller, Shop, World};
use super::receiver::{Answer, Receiver};
use crate::clock::Clock;
use crate::domain::Timestamp;
use crate::domain::signature::{Checked, verify_standard, verify_t_v1};
use entities::delivery::Status;
use entities::endpoint;
use serde_json::json;
use std::time::Duration;

async fn shop() -> (World, Shop, Seller, Receiver) {
    let world = World::new(Clock::fixed(START)).await;
    let shop = world.boot().await;
    let seller = shop.seller(|_| {}).await;
    (world, shop, seller, Receiver::start().await)
}

#[actix_rt::test]
async fn an_event_arrives_signed_in_the_endpoints_dialect() {
    let (_world, shop, seller, receiver) = shop().await;
    shop.endpoint(&seller, receiver.url("/a"), |_| {}).await;
    shop.emit(&seller, "product.created", json!({"id": 1, "name": "Lamp"})).await;
    shop.settle().await;
    let [hit] = receiver.hits().try_into().unwrap();
    let body: serde_json::Value = serde_json::from_str(&hit.body).unwrap();
    assert_eq!(body["type"], "product.created");
    assert_eq!(hit.header("x-trial-event"), Some("product.created"));
    assert_eq!(hit.header("x-trial-sequence"), Some("1"));
    assert_eq!(hit.header("x-trial-attempt"), None);
    assert_eq!(hit.header("webhook-id"), body["id"].as_str());
    let checked = Checked {
        secret: SECRET,
        body: hit.body.as_bytes(),
        now: START,
    };
    assert_eq!(verify_t_v1(hit.header("x-trial-signature"), &checked), Ok(()));
    let (id, at, signature) = (
        hit.header("webhook-id"),
        hit.header("webhook-timestamp"),
        hit.header("webhook-signature"),
    );
    assert_eq!(verify_standard(id, at, signature, &checked), Ok(()));
    let [delivery] = shop.deliveries(&seller).await.try_into().unwrap();
    assert_eq!(
        (delivery.status, delivery.attempt_count, delivery.due_at),
        (Status::Success, 1, None)
    );
    assert_eq!((delivery.lease_owner, delivery.delivered_at), (None, Some(START.0)));
    let [attempt] = shop.attempts(&seller).await.try_into().unwrap();
    assert_eq!((attempt.number, attempt.http_status), (1, 200));
    assert_eq!(attempt.response_body.as_deref(), Some("ok"));
}

#[actix_rt::test]
async fn retries_come_at_their_time_only_with_the_same_bytes_and_a_fresh_signature() {
    let (_world, shop, seller, receiver) = shop().await;
    shop.endpoint(&seller, receiver.url("/a"), |_| {}).await;
    receiver.answers([
        Answer::Status(500),
        Answer::With(503, "retry-after: 900\r\n"),
        Answer::Silence,
    ]);
    shop.emit(&seller, "product.created", json!({"id": 1})).await;
    shop.settle().await;
    let mut due = Vec::new();
    while let Some(at) = shop.actors.next_due(shop.clock.now()).await.unwrap() {
        shop.clock.advance_to(Timestamp(at.0 - 1));
        let before = receiver.hits().len();
        shop.settle().await;
        assert_eq!(receiver.hits().len(), before, "too early");
        shop.clock.advance_to(at);
        shop.settle().await;
        assert_eq!(receiver.hits().len(), before + 1);
        due.push((at.0 - START.0) / 1000);
    }
    // 60 s; then the hint of 900 s instead of 300 s; then 1,800 s.
    assert_eq!(due, [60, 60 + 900, 60 + 900 + 1800]);
    let hits = receiver.hits();
    assert!(hits.iter().all(|hit| hit.body == hits[0].body));
    assert_eq!(hits[3].header("x-trial-attempt"), Some("4"));
    assert_ne!(hits[0].header("webhook-signature"), hits[1].header("webhook-signature"));
    let statuses: Vec<_> = shop
        .attempts(&seller)
        .await
        .iter()
        .map(|attempt| attempt.http_status)
        .collect();
    assert_eq!(statuses, [500, 503, 408, 200]);
}

#[actix_rt::test]
async fn used_up_attempts_end_it() {
    let (_world, shop, seller, receiver) = shop().await;
    shop.endpoint(&seller, receiver.url("/a"), |_| {}).await;
    receiver.answers([
        Answer::Status(404),
        Answer::Status(404),
        Answer::Status(404),
        Answer::Status(404),
    ]);
    shop.emit(&seller, "product.created", json!({})).await;
    shop.settle().await;
    while let Some(at) = shop.actors.next_due(shop.clock.now()).await.unwrap() {
        shop.clock.advance_to(at);
        shop.settle().await;
    }
    let [delivery] = shop.deliveries(&seller).await.try_into().unwrap();
    assert_eq!((delivery.status, delivery.attempt_count), (Status::PermanentlyFailed, 4));
    assert!(delivery.failed_at.is_some());
}

#[actix_rt::test]
async fn only_who_asked_for_it_gets_it() {
    let (_world, shop, seller, receiver) = shop().await;
    let stranger = shop.seller(|_| {}).await;
    let only = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    shop.endpoint(&seller, receiver.url("/wanted"), |row| {
        row.events = only(&["product.created"]).into()
    })
    .await;
    shop.endpoint(&seller, receiver.url("/unwanted"), |row| {
        row.events = only(&["product.updated"]).into()
    })
    .await;
    shop.endpoint(&seller, receiver.url("/test"), |row| row.mode = entities::Mode::Test)
        .await;
    shop.endpoint(&seller, receiver.url("/deleted"), |row| row.deleted_at = Some(START.0))
        .await;
    shop.endpoint(&stranger, receiver.url("/stranger"), |_| {}).await;
    let off = shop
        .endpoint(&seller, receiver.url("/off"), |row| row.is_active = false)
        .await;
    shop.emit(&seller, "product.created", json!({})).await;
    shop.emit(&seller, "product.unheard_of", json!({})).await;
    shop.settle().await;
    let paths: Vec<_> = receiver.hits().into_iter().map(|hit| hit.path).collect();
    assert_eq!(paths, ["/wanted"]);
    let held: Vec<_> = shop
        .deliveries(&seller)
        .await
        .into_iter()
        .filter(|row| row.status == Status::Held)
        .collect();
    assert_eq!(held.len(), 1);
    assert_eq!((held[0].endpoint, held[0].due_at), (off, None));
}

#[actix_rt::test]
async fn custom_headers_come_along_and_never_replace_ours() {
    let (_world, shop, seller, receiver) = shop().await;
    let endpoint = uuid::Uuid::new_v4();
    let sealed = shop.sealed(
        r#"{"X-Team": "blue", "webhook-id": "forged", "x-trial-event": "forged"}"#,
        endpoint,
    );
    shop.endpoint(&seller, receiver.url("/a"), |row| {
        row.id = endpoint;
        row.secret_sealed = shop.sealed(SECRET, endpoint);
        row.custom_headers_sealed = Some(sealed.clone());
        row.previous_secret_sealed = Some(shop.sealed("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", endpoint));
        row.previous_until_at = Some(START.0 + 1);
    })
    .await;
    shop.emit(&seller, "product.created", json!({})).await;
    shop.settle().await;
    let [hit] = receiver.hits().try_into().unwrap();
    assert_eq!(hit.header("x-team"), Some("blue"));
    assert!(!hit.headers.iter().any(|(_, value)| value == "forged"));
    assert_eq!(
        hit.header("webhook-signature").unwrap().split(' ').count(),
        2,
        "both secrets sign"
    );
}

#[actix_rt::test]
async fn gone_switches_the_endpoint_off_holds_what_waits_and_says_so() {
    let (_world, shop, seller, receiver) = shop().await;
    let gone = shop.endpoint(&seller, receiver.url("/gone"), |_| {}).await;
    receiver.answers([Answer::Status(500)]);
    shop.emit(&seller, "product.created", json!({"n": 1})).await;
    shop.settle().await;
    receiver.answers([Answer::Status(410)]);
    shop.emit(&seller, "product.created", json!({"n": 2})).await;
    shop.endpoint(&seller, receiver.url("/other"), |row| {
        row.events = vec!["webhook.endpoint_disabled".to_owned()].into();
    })
    .await;
    shop.settle().await;
    let row = shop.endpoint_row(gone).await;
    assert_eq!((row.is_active, row.disabled_reason.as_deref()), (false, Some("gone")));
    let statuses: Vec<_> = shop.deliveries(&seller).await.iter().map(|row| row.status).collect();
    // The second, refused; the first, waiting; the notice to the other endpoint, and to the one that is off.
    assert!(statuses.contains(&Status::PermanentlyFailed));
    assert_eq!(statuses.iter().filter(|status| **status == Status::Held).count(), 2);
    assert_eq!(receiver.hits_at("/other"), 1);
    assert!(receiver.hits().last().unwrap().body.contains("webhook.endpoint_disabled"));
}

#[actix_rt::test]
async fn seven_failing_days_switch_an_endpoint_off_and_a_success_starts_over() {
    let (_world, shop, seller, receiver) = shop().await;
    let endpoint = shop
        .endpoint(&seller, receiver.url("/failing"), |row| {
            row.events = vec!["product.created".to_owned()].into()
        })
        .await;
    let mut days = 0;
    while shop.endpoint_row(endpoint).await.is_active {
        assert!(days <= 8, "still on after eight days");
        shop.emit(&seller, "product.created", json!({"day": days})).await;
        shop.settle().await;
        shop.advance(Duration::from_secs(86_400));
        days += 1;
    }
    let row: endpoint::Model = shop.endpoint_row(endpoint).await;
    assert_eq!(row.disabled_reason.as_deref(), Some("failing"));
    assert!(row.failures >= 5 && row.failure_days >= 3 && row.warned_at.is_some());
    assert!(days >= 7);
}

#[actix_rt::test]
async fn many_events_reach_many_endpoints_each_once_and_in_sequence() {
    let (_world, shop, seller, receiver) = shop().await;
    for n in 0..5 {
        shop.endpoint(&seller, receiver.url(&format!("/{n}")), |_| {}).await;
    }
    let data = (0..250).map(|n| json!({ "n": n })).collect();
    shop.emit_many(&seller, "product.created", data).await;
    shop.settle().await;
    assert_eq!(receiver.hits().len(), 1_250);
    assert_eq!(receiver.hits_at("/3"), 250);
    let mut numbers: Vec<_> = shop.deliveries(&seller).await.iter().map(|row| row.seq).collect();
    numbers.dedup();
    assert_eq!(numbers, (1..=250).collect::<Vec<_>>());
    assert_eq!(shop.attempts(&seller).await.len(), 1_250);
}
