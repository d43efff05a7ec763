//! What holds of every answer and every body of the contract.

use super::{Desk, id};
use serde_json::{Value, json};

#[actix_rt::test]
async fn every_answer_tells_a_limit() {
    let desk = Desk::open().await;
    let api = &desk.shop.api;
    let stranger = desk.app.anonymous();
    let big = "x".repeat(1_100_000);
    let answers = [
        api.get("/api/v1/products").await,
        api.get("/api/v1/nothing").await,
        api.delete("/api/v1/products").await,
        stranger.get("/api/v1/licenses").await,
        stranger.get("/api/v1/licenses/by-key/a/b/c").await,
        stranger.delete("/api/v1/policies").await,
        api.post("/api/v1/products", json!({ "name": big })).await,
        desk.shop.with("lk_live_nonsense").get("/api/v1/nothing").await,
    ];
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [200, 404, 405, 401, 404, 405, 413, 404]);
    for answer in &answers {
        for name in ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"] {
            assert!(answer.header(name).parse::<u64>().is_ok(), "{name}: {}", answer.text());
        }
        assert!(answer.status == 200 || answer.json["code"].is_string(), "{}", answer.text());
    }
    // A path that is none costs nothing.
    assert_eq!(answers[1].header("x-ratelimit-limit"), "120");
    assert_eq!(
        answers[1].header("x-ratelimit-remaining"),
        answers[0].header("x-ratelimit-remaining")
    );
    desk.app.finish().await;
}

#[actix_rt::test]
async fn null_for_an_optional_field_is_as_if_it_were_not_sent() {
    let desk = Desk::open().await;
    let api = &desk.shop.api;
    let body = json!({ "name": "Null", "code": "null", "description": null, "keyPrefix": null, "metadata": null });
    let product = api.post("/api/v1/products", body).await.is(201)["data"].clone();
    assert_eq!(
        (&product["keyPrefix"], &product["metadata"], &product["description"]),
        (&json!("LIC"), &json!({}), &Value::Null)
    );
    let path = format!("/api/v1/products/{}", product["id"].as_str().unwrap());
    let kept = json!({ "metadata": { "a": 1 }, "keyPrefix": "KEPT" });
    api.patch(&path, kept).await.is(200);
    let changed = api
        .patch(&path, json!({ "metadata": null, "keyPrefix": null, "name": "New" }))
        .await
        .is(200);
    assert_eq!(
        (
            &changed["data"]["metadata"],
            &changed["data"]["keyPrefix"],
            &changed["data"]["name"]
        ),
        (&json!({ "a": 1 }), &json!("KEPT"), &json!("New"))
    );
    let policy = json!({
        "productId": product["id"], "name": "P", "template": null, "maxMachines": null, "maxUses": null, "floating": null,
        "durationDays": null, "expirationStrategy": null, "requireHeartbeat": null, "heartbeatIntervalMinutes": null,
        "heartbeatCullStrategy": null, "requireFingerprint": null, "fingerprintUniqueness": null, "offlineAllowed": null,
        "offlineMaxDays": null, "allowMachineTransfer": null, "isTrial": null, "trialDurationDays": null, "overridable": null,
        "metadata": null, "allowUnlimitedActivations": null,
    });
    let policy = api.post("/api/v1/policies", policy).await.is(201);
    assert_eq!(
        (
            &policy["data"]["expirationStrategy"],
            &policy["data"]["overridable"],
            &policy["data"]["offlineMaxDays"]
        ),
        (&json!("RESTRICT_ACCESS"), &json!(true), &json!(14))
    );
    let license = json!({
        "productId": product["id"], "policyId": id(&policy), "name": null, "expiresAt": null, "maxMachinesOverride": null,
        "maxUsesOverride": null, "userEmail": null, "userName": null, "entitlementIds": null, "metadata": null,
    });
    let license = api.post("/api/v1/licenses", license).await.is(201)["data"].clone();
    let key = license["key"].as_str().unwrap();
    let asked = json!({ "fingerprint": null, "entitlements": null });
    assert_eq!(desk.validate(key, asked).await["code"], "VALID");
    let machine =
        json!({ "fingerprint": "machine-1", "name": null, "hostname": null, "platform": null, "cores": null, "metadata": null });
    desk.holder(key).post("/api/v1/machines", machine).await.is(201);
    let hook = json!({ "url": "https://hooks.example/", "events": null });
    assert_eq!(
        api.post("/api/v1/webhooks", hook).await.is(201)["data"]["events"],
        json!(["*"])
    );
    // What is required is not there when it is null.
    let missing = api
        .post("/api/v1/products", json!({ "name": null, "code": "c" }))
        .await
        .is(400);
    assert_eq!(missing["details"]["issues"][0]["path"], json!(["name"]));
    desk.app.finish().await;
}

#[actix_rt::test]
async fn what_cannot_be_empty_is_not_emptied_and_every_refusal_names_its_issues() {
    let desk = Desk::open().await;
    let policy = format!("/api/v1/policies/{}", desk.policy(json!({})).await);
    let product = format!("/api/v1/products/{}", desk.product);
    for (path, change) in [(&product, json!({ "name": null })), (&policy, json!({ "name": null }))] {
        let refused = desk.shop.api.patch(path, change.clone()).await.is(400);
        let issue = &refused["details"]["issues"][0];
        let told = (&refused["code"], &issue["path"][0]);
        let name = change.as_object().unwrap().keys().next().unwrap();
        assert_eq!(told, (&json!("VALIDATION_ERROR"), &json!(name)), "{refused}");
    }
    desk.shop.api.patch(&product, json!({ "description": null })).await.is(200);
    desk.shop.api.patch(&policy, json!({ "maxUses": null })).await.is(200);
    for body in ["[]", "\"x\"", "{", "{\"name\": \"a\u{0}b\"}"] {
        let refused = desk
            .shop
            .api
            .call_text("POST", "/api/v1/products", body.to_owned())
            .await
            .is(400);
        assert!(refused["details"]["issues"][0]["message"].is_string(), "{body}: {refused}");
    }
    desk.app.finish().await;
}

#[actix_rt::test]
async fn the_scope_of_agents_is_known_and_opens_nothing() {
    let desk = Desk::open().await;
    let agent = desk.shop.key("licentric", &["agents:write"]).await;
    agent.get("/api/v1/products").await.is(403);
    desk.app.finish().await;
}

#[actix_rt::test]
async fn who_proves_nothing_sees_the_bucket_of_the_tier() {
    let desk = Desk::open().await;
    let call = desk.app.anonymous().bearer(&format!("lk_live_{}", "0".repeat(64)));
    let refused = call.get("/api/v1/products").await;
    let told = (
        refused.status,
        refused.header("x-ratelimit-limit"),
        refused.header("x-ratelimit-remaining"),
    );
    assert_eq!(told, (401, "120", "119"));
    desk.app.finish().await;
}
