//! Seats: taking, keeping, losing and giving them back.

use super::{Desk, id};
use serde_json::json;

#[actix_rt::test]
async fn a_licence_key_speaks_for_its_own_machines_only() {
    let desk = Desk::open().await;
    let policy = desk.policy(json!({ "maxMachines": 2 })).await;
    let (mine, other) = (desk.license(&policy, json!({})).await, desk.license(&policy, json!({})).await);
    let body = json!({ "fingerprint": "machine-1", "name": "studio", "platform": "linux", "cores": 8 });
    let made = desk.holder(&mine.key).post("/api/v1/machines", body).await;
    assert_eq!(made.header("x-ratelimit-limit"), "10");
    let made = made.is(201);
    assert_eq!(made["data"]["heartbeatStatus"], "NOT_STARTED");
    let path = format!("/api/v1/machines/{}", id(&made));
    let beat = format!("{path}/heartbeat");
    desk.holder(&other.key).post(&beat, json!({})).await.is(404);
    desk.holder(&other.key).delete(&path).await.is(404);
    desk.holder(&mine.key).get(&path).await.is(401);
    desk.holder("DSK-NONE").post(&beat, json!({})).await.is(401);
    assert_eq!(
        desk.holder(&mine.key).post(&beat, json!({})).await.is(200)["data"]["heartbeatStatus"],
        "ALIVE"
    );
    let listed = desk
        .shop
        .api
        .get(&format!("/api/v1/machines?licenseId={}", mine.id))
        .await
        .is(200);
    assert_eq!(
        (listed["data"].as_array().unwrap().len(), &listed["pagination"]["hasMore"]),
        (1, &json!(false))
    );
    assert_eq!(desk.shop.api.get(&path).await.is(200)["data"]["cores"], 8);
    desk.holder(&mine.key).delete(&path).await.is(204);
    desk.shop.api.get(&path).await.is(404);
    desk.app.finish().await;
}

#[actix_rt::test]
async fn the_limit_holds_however_many_ask_at_once() {
    let desk = Desk::open().await;
    let issued = desk.licensed(json!({ "maxMachines": 3 })).await;
    let prints: Vec<String> = (0..10).map(|n| format!("machine-{n}")).collect();
    let asked = prints.iter().map(|print| desk.activate(&issued.key, print));
    let answers = futures_util::future::join_all(asked).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 3);
    let full = answers.iter().find(|answer| answer.status == 422).unwrap();
    assert_eq!(
        (&full.json["code"], &full.json["details"]),
        (&json!("MACHINE_LIMIT_EXCEEDED"), &json!({ "max": 3, "current": 3 }))
    );
    desk.activate(&issued.key, "machine-11").await.is(429);
    desk.app.advance(60).await;
    let held = answers.iter().position(|answer| answer.status == 201).unwrap();
    let again = desk.activate(&issued.key, &prints[held]).await.is(200);
    assert_eq!(id(&again), id(&answers[held].json));
    desk.activate(&issued.key, "short").await.is(400);
    desk.app.finish().await;
}

#[actix_rt::test]
async fn a_fingerprint_is_unique_as_far_as_the_policy_says() {
    let desk = Desk::open().await;
    for (rule, transfer, status) in [
        ("PER_LICENSE", false, 201),
        ("PER_POLICY", false, 409),
        ("PER_ACCOUNT", false, 409),
        ("PER_ACCOUNT", true, 201),
    ] {
        desk.app.advance(60).await;
        let policy = json!({ "fingerprintUniqueness": rule, "allowMachineTransfer": transfer });
        let policy = desk.policy(policy).await;
        let (one, two) = (desk.license(&policy, json!({})).await, desk.license(&policy, json!({})).await);
        let print = format!("machine-{rule}-{transfer}");
        desk.activate(&one.key, &print).await.is(201);
        assert_eq!(desk.activate(&two.key, &print).await.status, status, "{rule}");
        let left = desk
            .shop
            .api
            .get(&format!("/api/v1/machines?licenseId={}", one.id))
            .await
            .is(200);
        assert_eq!(left["data"].as_array().unwrap().len(), usize::from(!transfer), "{rule}");
    }
    desk.app.finish().await;
}

#[actix_rt::test]
async fn a_silent_machine_is_dead_when_its_interval_is_over() {
    let desk = Desk::open().await;
    for (strategy, is_kept) in [("DEACTIVATE_DEAD", false), ("KEEP_DEAD", true)] {
        let policy = json!({ "maxMachines": 1, "requireHeartbeat": true, "heartbeatIntervalMinutes": 10, "heartbeatCullStrategy": strategy });
        let issued = desk.licensed(policy).await;
        let machine = id(&desk.activate(&issued.key, "machine-1").await.is(201));
        let path = format!("/api/v1/machines/{machine}");
        let beat = async || {
            desk.holder(&issued.key)
                .post(&format!("{path}/heartbeat"), json!({}))
                .await
                .status
        };
        assert_eq!(beat().await, 200);
        desk.app.advance(9 * 60).await;
        assert_eq!(beat().await, 200);
        desk.app.advance(10 * 60).await;
        let read = desk.shop.api.get(&path).await;
        if is_kept {
            assert_eq!(read.is(200)["data"]["heartbeatStatus"], "DEAD");
            assert_eq!(beat().await, 200);
        } else {
            read.is(404);
            assert_eq!(beat().await, 404);
            desk.activate(&issued.key, "machine-2").await.is(201);
        }
    }
    desk.app.finish().await;
}

#[actix_rt::test]
async fn a_licence_in_the_way_is_told_by_its_code() {
    let desk = Desk::open().await;
    for (verb, code) in [
        ("suspend", "LICENSE_SUSPENDED"),
        ("revoke", "LICENSE_REVOKED"),
        ("ban", "LICENSE_BANNED"),
    ] {
        let issued = desk.licensed(json!({})).await;
        desk.step(&issued.id, verb).await.is(200);
        assert_eq!(desk.activate(&issued.key, "machine-1").await.is(409)["code"], code);
    }
    let issued = desk
        .licensed(json!({ "durationDays": 1, "floating": true, "maxMachines": 1 }))
        .await;
    desk.activate(&issued.key, "machine-1").await.is(201);
    assert_eq!(
        desk.activate(&issued.key, "machine-2").await.is(422)["code"],
        "FLOATING_LIMIT_EXCEEDED"
    );
    desk.app.advance(86_400).await;
    assert_eq!(
        desk.activate(&issued.key, "machine-2").await.is(409)["code"],
        "LICENSE_EXPIRED"
    );
    desk.app.finish().await;
}
