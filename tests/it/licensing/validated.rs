//! The question that programs ask, with every answer to it.

use super::Desk;
use ring::hmac::{HMAC_SHA256, Key, verify};
use serde_json::json;

#[actix_rt::test]
async fn a_refusal_is_an_answer_that_tells_no_more_than_it_must() {
    let desk = Desk::open().await;
    let issued = desk.licensed(json!({ "maxMachines": 1 })).await;
    let nobody = desk.validate("DSK-AAAA-AAAA-AAAA-AAAA", json!({})).await;
    assert_eq!(
        nobody,
        json!({ "valid": false, "code": "NOT_FOUND", "license": null, "machine": null, "entitlements": [], "metadata": {} })
    );
    let good = desk.validate(&issued.key, json!({})).await;
    assert_eq!((&good["valid"], &good["code"]), (&json!(true), &json!("VALID")));
    let names: Vec<&String> = good["license"].as_object().unwrap().keys().collect();
    let public = [
        "id",
        "status",
        "name",
        "expiresAt",
        "maxMachinesOverride",
        "maxUsesOverride",
        "usesCount",
    ];
    assert_eq!(names, public);
    assert_eq!(desk.validate(&issued.key.to_lowercase(), json!({})).await["code"], "VALID");
    desk.app
        .anonymous()
        .post("/api/v1/licenses/validate-key", json!({}))
        .await
        .is(400);
    desk.app.finish().await;
}

#[actix_rt::test]
async fn every_code_has_its_cause() {
    let desk = Desk::open().await;
    let issued = desk
        .licensed(json!({ "maxMachines": 2, "requireHeartbeat": true, "heartbeatCullStrategy": "KEEP_DEAD" }))
        .await;
    let key = &issued.key;
    let by = async |fingerprint: &str| desk.validate(key, json!({ "fingerprint": fingerprint })).await["code"].clone();
    assert_eq!(by("machine-1").await, "FINGERPRINT_NOT_FOUND");
    let machine = super::id(&desk.activate(key, "machine-1").await.is(201));
    desk.activate(key, "machine-2").await.is(201);
    assert_eq!(by("machine-1").await, "HEARTBEAT_REQUIRED");
    let beat = format!("/api/v1/machines/{machine}/heartbeat");
    desk.holder(key).post(&beat, json!({})).await.is(200);
    assert_eq!(by("machine-1").await, "VALID");
    let wanted = desk.validate(key, json!({ "entitlements": ["none"] })).await;
    assert_eq!(wanted["code"], "ENTITLEMENTS_MISSING");
    let path = format!("/api/v1/licenses/{}", issued.id);
    desk.shop.api.patch(&path, json!({ "maxMachinesOverride": 1 })).await.is(200);
    assert_eq!(desk.code(key).await, "MACHINE_LIMIT_EXCEEDED");
    desk.step(&issued.id, "suspend").await.is(200);
    assert_eq!(desk.code(key).await, "SUSPENDED");
    desk.step(&issued.id, "revoke").await.is(200);
    assert_eq!(desk.code(key).await, "REVOKED");
    desk.app.finish().await;
}

#[actix_rt::test]
async fn an_expired_licence_is_what_its_policy_says() {
    let desk = Desk::open().await;
    for (strategy, code, valid, status) in [
        ("RESTRICT_ACCESS", "EXPIRED", false, "expired"),
        ("ALLOW_ACCESS", "EXPIRED", true, "expired"),
        ("REVOKE", "REVOKED", false, "revoked"),
    ] {
        let policy = json!({ "isTrial": true, "trialDurationDays": 1, "durationDays": 9, "expirationStrategy": strategy });
        let issued = desk.licensed(policy).await;
        assert_eq!(desk.code(&issued.key).await, "VALID");
        desk.app.advance(86_400).await;
        let told = desk.validate(&issued.key, json!({})).await;
        assert_eq!((&told["code"], &told["valid"]), (&json!(code), &json!(valid)), "{strategy}");
        assert_eq!(told["license"]["status"], status, "{strategy}");
    }
    desk.app.finish().await;
}

#[actix_rt::test]
async fn uses_are_counted_exactly_however_many_ask_at_once() {
    let desk = Desk::open().await;
    let issued = desk.licensed(json!({ "maxUses": 7 })).await;
    let asked = (0..20).map(|_| desk.code(&issued.key));
    let codes = futures_util::future::join_all(asked).await;
    assert_eq!(codes.iter().filter(|code| *code == "VALID").count(), 7, "{codes:?}");
    assert_eq!(codes.iter().filter(|code| *code == "USES_EXCEEDED").count(), 13);
    let told = desk.validate(&issued.key, json!({})).await;
    assert_eq!(told["license"]["usesCount"], 7);
    desk.app.finish().await;
}

#[actix_rt::test]
async fn answers_are_signed_and_limited_per_address() {
    let desk = Desk::open().await;
    let keys = desk.shop.owner.post("/api/v1/api-keys", json!({ "name": "k" })).await.is(201);
    let key = Key::new(HMAC_SHA256, keys["data"]["signingKey"].as_str().unwrap().as_bytes());
    let issued = desk.licensed(json!({})).await;
    let ask = async || {
        let body = json!({ "key": issued.key });
        desk.app.anonymous().post("/api/v1/licenses/validate-key", body).await
    };
    let answer = ask().await;
    let signed = [answer.header("x-signature-timestamp").as_bytes(), b".", &answer.body[..]].concat();
    verify(&key, &signed, &hex::decode(answer.header("x-signature")).unwrap()).unwrap();
    assert_eq!(
        (answer.header("x-ratelimit-limit"), answer.header("x-ratelimit-remaining")),
        ("60", "59")
    );
    for _ in 0..59 {
        ask().await.is(200);
    }
    let refused = ask().await;
    assert_eq!(refused.json["code"], "RATE_LIMITED");
    assert!(refused.header("retry-after").parse::<u32>().is_ok());
    refused.is(429);
    desk.app.finish().await;
}

#[actix_rt::test]
async fn a_plain_validation_writes_nothing() {
    let desk = Desk::open().await;
    let issued = desk.licensed(json!({})).await;
    assert_eq!(desk.code(&issued.key).await, "VALID");
    // What the first one told is seen to.
    desk.app.deliver_due().await;
    let before = desk.app.store().stats().commands;
    for _ in 0..5 {
        desk.code(&issued.key).await;
    }
    assert_eq!(desk.app.store().stats().commands, before);
    desk.app.finish().await;
}

#[actix_rt::test]
async fn every_good_validation_is_a_use_also_where_none_is_limited() {
    let desk = Desk::open().await;
    let issued = desk.licensed(json!({})).await;
    for uses in 1..=3 {
        let told = desk.validate(&issued.key, json!({})).await;
        assert_eq!(told["license"]["usesCount"], uses);
    }
    let refused = desk.validate(&issued.key, json!({ "entitlements": ["none"] })).await;
    assert_eq!(refused["license"]["usesCount"], 3);
    let path = format!("/api/v1/licenses/{}", issued.id);
    let count = async || desk.shop.api.get(&path).await.is(200)["data"]["usesCount"].clone();
    assert_eq!(count().await, 3);
    // Written by the clock; nothing is counted twice.
    desk.app.advance(1).await;
    assert_eq!(desk.app.house().uses.waiting(issued.id.parse().unwrap()), 0);
    assert_eq!(count().await, 3);
    assert_eq!(desk.validate(&issued.key, json!({})).await["license"]["usesCount"], 4);
    desk.app.finish().await;
}

#[actix_rt::test]
async fn an_unknown_key_is_answered_by_the_account_it_would_be_of() {
    let desk = Desk::open().await;
    let keys = desk.shop.owner.post("/api/v1/api-keys", json!({ "name": "k" })).await.is(201);
    let key = Key::new(HMAC_SHA256, keys["data"]["signingKey"].as_str().unwrap().as_bytes());
    let ask = async |text: &str| {
        let body = json!({ "key": text });
        desk.app.anonymous().post("/api/v1/licenses/validate-key", body).await
    };
    let is_signed = |answer: &crate::harness::Answer| {
        assert_eq!(answer.json["data"]["code"], "NOT_FOUND");
        let signed = [answer.header("x-signature-timestamp").as_bytes(), b".", &answer.body[..]].concat();
        let signature = hex::decode(answer.header("x-signature")).unwrap();
        signature.len() == 32 && verify(&key, &signed, &signature).is_ok()
    };
    assert!(is_signed(&ask("DSK-AAAA-AAAA-AAAA-AAAA").await));
    assert!(is_signed(&ask("nonsense").await));
    let issued = desk.licensed(json!({})).await;
    let other = desk.app.shop("licentric").await;
    assert!(is_signed(&ask("DSK-AAAA-AAAA-AAAA-AAAA").await));
    assert!(!is_signed(&ask("nonsense").await));
    let theirs = json!({ "name": "Desk", "code": "desk", "keyPrefix": "DSK" });
    other.api.post("/api/v1/products", theirs).await.is(201);
    assert!(!is_signed(&ask("DSK-AAAA-AAAA-AAAA-AAAA").await));
    let path = format!("/api/v1/licenses/{}", issued.id);
    desk.shop.api.delete(&path).await.is(204);
    assert!(is_signed(&ask(&issued.key).await));
    desk.app.finish().await;
}
