//! Issuing, reading, changing and ending licences, and what they refer to.

use super::{Desk, id};
use serde_json::json;

#[actix_rt::test]
async fn a_key_is_shown_once_and_has_four_groups() {
    let desk = Desk::open().await;
    let issued = desk.licensed(json!({ "maxMachines": 3 })).await;
    let groups: Vec<&str> = issued.key.split('-').collect();
    assert_eq!((groups.len(), groups[0]), (5, "DSK"));
    let api = &desk.shop.api;
    let path = format!("/api/v1/licenses/{}", issued.id);
    let read = api.get(&path).await.is(200);
    assert!(!read.to_string().contains(&issued.key), "{read}");
    assert_eq!(read["data"]["policy"]["maxMachines"], 3);
    assert_eq!(read["data"]["machines"], json!([]));
    let found = api.get(&format!("/api/v1/licenses/by-key/{}", issued.key)).await.is(200);
    assert_eq!(found["data"]["id"], read["data"]["id"]);
    let odd = api.get("/api/v1/licenses/by-key/DSK%2FAAAA").await.is(404);
    assert_eq!(odd["code"], "NOT_FOUND");
    assert_eq!(
        api.get("/api/v1/products?limit=1").await.is(200)["data"][0]["licensesCount"],
        1
    );
    desk.app.finish().await;
}

#[actix_rt::test]
async fn the_states_allow_the_moves_of_the_contract_and_no_other() {
    let desk = Desk::open().await;
    let issued = desk.licensed(json!({})).await;
    for (verb, status, state) in [
        ("suspend", 200, "suspended"),
        ("suspend", 409, ""),
        ("reinstate", 200, "active"),
        ("reinstate", 409, ""),
        ("suspend", 200, "suspended"),
        ("revoke", 200, "revoked"),
        ("reinstate", 409, ""),
        ("suspend", 409, ""),
        ("renew", 409, ""),
        ("revoke", 409, ""),
    ] {
        let answer = desk.step(&issued.id, verb).await;
        assert_eq!(answer.status, status, "{verb}: {}", answer.text());
        let told = match status {
            200 => &answer.json["data"]["status"],
            _ => &answer.json["code"],
        };
        assert_eq!(told, if status == 200 { state } else { "CONFLICT" }, "{verb}");
    }
    let banned = desk.licensed(json!({})).await;
    assert_eq!(desk.step(&banned.id, "ban").await.is(200)["data"]["status"], "banned");
    assert_eq!(desk.code(&banned.key).await, "BANNED");
    desk.step(&banned.id, "reinstate").await.is(409);
    desk.app.finish().await;
}

#[actix_rt::test]
async fn what_a_body_names_must_be_there() {
    let desk = Desk::open().await;
    let (nobody, policy) = (
        "00000000-0000-4000-8000-000000000000",
        desk.policy(json!({ "overridable": false })).await,
    );
    let product = &desk.product;
    for (body, status, code) in [
        (json!({ "productId": nobody, "policyId": policy }), 422, "REFERENCE_NOT_FOUND"),
        (
            json!({ "productId": product, "policyId": nobody }),
            422,
            "REFERENCE_NOT_FOUND",
        ),
        (
            json!({ "productId": product, "policyId": policy, "entitlementIds": [nobody] }),
            422,
            "REFERENCE_NOT_FOUND",
        ),
        (
            json!({ "productId": product, "policyId": policy, "maxMachinesOverride": 2 }),
            422,
            "BUSINESS_RULE_VIOLATION",
        ),
        (json!({ "productId": product }), 400, "VALIDATION_ERROR"),
        (
            json!({ "productId": product, "policyId": policy, "userEmail": "nobody" }),
            400,
            "VALIDATION_ERROR",
        ),
    ] {
        let refused = desk.shop.api.post("/api/v1/licenses", body.clone()).await;
        assert_eq!(
            (refused.status, refused.json["code"].as_str()),
            (status, Some(code)),
            "{body}"
        );
    }
    let other = desk.app.shop("licentric").await;
    let issued = desk.license(&policy, json!({})).await;
    let foreign = other.api.get(&format!("/api/v1/licenses/by-key/{}", issued.key)).await;
    assert_eq!(foreign.is(404)["code"], "NOT_FOUND");
    desk.app.finish().await;
}

#[actix_rt::test]
async fn changes_filters_and_deletions() {
    let desk = Desk::open().await;
    let policy = desk.policy(json!({ "durationDays": 30 })).await;
    let issued = desk
        .license(&policy, json!({ "userEmail": "Ann@Example.com", "metadata": { "a": 1 } }))
        .await;
    let api = &desk.shop.api;
    let path = format!("/api/v1/licenses/{}", issued.id);
    let changed = api
        .patch(&path, json!({ "name": "Studio", "maxMachinesOverride": 5 }))
        .await
        .is(200);
    assert_eq!(
        (&changed["data"]["name"], &changed["data"]["metadata"]),
        (&json!("Studio"), &json!({ "a": 1 }))
    );
    assert_eq!(changed["data"]["expiresAt"], "2026-06-18T14:23:14.000Z");
    let renewed = desk.step(&issued.id, "renew").await.is(200);
    assert_eq!(renewed["data"]["expiresAt"], "2026-07-18T14:23:14.000Z");
    for (query, count) in [
        ("userEmail=ann@example.com", 1),
        ("status=suspended", 0),
        ("status=active", 1),
    ] {
        let listed = api.get(&format!("/api/v1/licenses?{query}")).await.is(200);
        assert_eq!(listed["data"].as_array().unwrap().len(), count, "{query}");
    }
    api.delete(&format!("/api/v1/products/{}", desk.product)).await.is(409);
    api.delete(&format!("/api/v1/policies/{policy}")).await.is(409);
    api.delete(&path).await.is(204);
    api.get(&path).await.is(404);
    assert_eq!(desk.code(&issued.key).await, "NOT_FOUND");
    api.delete(&format!("/api/v1/policies/{policy}")).await.is(204);
    api.delete(&format!("/api/v1/products/{}", desk.product)).await.is(204);
    desk.app.finish().await;
}

#[actix_rt::test]
async fn policies_take_their_defaults_and_changes() {
    let desk = Desk::open().await;
    let api = &desk.shop.api;
    let policy = desk
        .policy(json!({ "maxMachines": null, "allowUnlimitedActivations": true }))
        .await;
    let path = format!("/api/v1/policies/{policy}");
    let read = api.get(&path).await.is(200);
    for (member, value) in [
        ("maxMachines", json!(null)),
        ("expirationStrategy", json!("RESTRICT_ACCESS")),
        ("heartbeatIntervalMinutes", json!(60)),
        ("heartbeatCullStrategy", json!("DEACTIVATE_DEAD")),
        ("requireFingerprint", json!(true)),
        ("fingerprintUniqueness", json!("PER_LICENSE")),
        ("offlineAllowed", json!(true)),
        ("offlineMaxDays", json!(14)),
        ("overridable", json!(true)),
        ("metadata", json!({})),
    ] {
        assert_eq!(read["data"][member], value, "{member}");
    }
    let changed = api.patch(&path, json!({ "name": "Team", "maxMachines": 9 })).await.is(200);
    assert_eq!(
        (&changed["data"]["name"], &changed["data"]["maxMachines"]),
        (&json!("Team"), &json!(9))
    );
    api.patch(&path, json!({ "heartbeatIntervalMinutes": 0 })).await.is(400);
    let listed = api.get("/api/v1/policies?limit=1").await.is(200);
    assert_eq!(id(&json!({ "data": listed["data"][0] })), policy);
    desk.app.finish().await;
}

#[actix_rt::test]
async fn a_list_shows_those_that_stand_so() {
    let desk = Desk::open().await;
    let policy = desk.policy(json!({})).await;
    let endless = desk.license(&policy, json!({})).await;
    let running = desk.license(&policy, json!({ "expiresAt": "2026-05-21T00:00:00Z" })).await;
    let over = desk.license(&policy, json!({ "expiresAt": "2026-05-19T15:00:00Z" })).await;
    let held = desk.license(&policy, json!({})).await;
    desk.step(&held.id, "suspend").await.is(200);
    let listed = async |status: &str| -> Vec<String> {
        let page = desk.shop.api.get(&format!("/api/v1/licenses?status={status}")).await.is(200);
        let rows = page["data"].as_array().unwrap().iter();
        let mut ids: Vec<String> = rows.map(|row| row["id"].as_str().unwrap().to_owned()).collect();
        ids.sort();
        ids
    };
    let sorted = |ids: &[&super::Issued]| {
        let mut ids: Vec<String> = ids.iter().map(|issued| issued.id.clone()).collect();
        ids.sort();
        ids
    };
    assert_eq!(listed("active").await, sorted(&[&endless, &running, &over]));
    assert_eq!(listed("suspended").await, sorted(&[&held]));
    desk.app.advance(3600).await;
    assert_eq!(listed("active").await, sorted(&[&endless, &running]));
    assert_eq!(listed("expired").await, sorted(&[&over]));
    assert!(listed("revoked").await.is_empty());
    desk.app.finish().await;
}

#[actix_rt::test]
async fn a_policy_that_takes_back_its_leave_to_override_is_followed_at_once() {
    let desk = Desk::open().await;
    let policy = desk.policy(json!({ "maxMachines": 2, "maxUses": 5 })).await;
    let more = json!({ "maxMachinesOverride": 5, "maxUsesOverride": 100 });
    let issued = desk.license(&policy, more).await;
    let path = format!("/api/v1/policies/{policy}");
    let change = json!({ "overridable": false, "maxMachines": 1, "maxUses": 1 });
    desk.shop.api.patch(&path, change).await.is(200);
    desk.activate(&issued.key, "machine-one").await.is(201);
    desk.activate(&issued.key, "machine-two").await.is(422);
    assert_eq!(desk.code(&issued.key).await, "VALID");
    assert_eq!(desk.code(&issued.key).await, "USES_EXCEEDED");
    desk.shop.api.patch(&path, json!({ "overridable": true })).await.is(200);
    desk.activate(&issued.key, "machine-two").await.is(201);
    assert_eq!(desk.code(&issued.key).await, "VALID");
    desk.app.finish().await;
}
