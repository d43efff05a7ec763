//! What a licence allows: made, attached to a policy or to one licence, asked for by programs, taken off again.

use super::{Desk, id};
use serde_json::{Value, json};

fn codes(list: &Value) -> Vec<&str> {
    let rows = list["data"].as_array().unwrap().iter();
    rows.map(|row| row["code"].as_str().unwrap()).collect()
}

#[actix_rt::test]
async fn an_entitlement_is_made_read_changed_and_deleted() {
    let desk = Desk::open().await;
    let api = &desk.shop.api;
    let asked = json!({ "name": "Analytics", "code": "analytics", "description": "Charts" });
    let made = api.post("/api/v1/entitlements", asked.clone()).await.is(201);
    assert_eq!(
        (&made["data"]["code"], &made["data"]["description"]),
        (&json!("analytics"), &json!("Charts"))
    );
    api.post("/api/v1/entitlements", asked).await.is(409);
    let path = format!("/api/v1/entitlements/{}", id(&made));
    let change = json!({ "name": "Charts", "description": null });
    let changed = api.patch(&path, change).await.is(200);
    assert_eq!(changed["data"]["name"], "Charts");
    assert_eq!(api.get(&path).await.is(200)["data"], changed["data"]);
    api.patch(&path, json!({ "code": "other" })).await.is(400);
    assert_eq!(codes(&api.get("/api/v1/entitlements").await.is(200)), ["analytics"]);
    api.delete(&path).await.is(204);
    api.get(&path).await.is(404);
    assert!(codes(&api.get("/api/v1/entitlements").await.is(200)).is_empty());
    desk.app.finish().await;
}

#[actix_rt::test]
async fn a_licence_has_what_its_policy_has_and_what_it_was_given() {
    let desk = Desk::open().await;
    let api = &desk.shop.api;
    for code in ["charts", "export", "team"] {
        let body = json!({ "name": code, "code": code });
        api.post("/api/v1/entitlements", body).await.is(201);
    }
    let policy = desk.policy(json!({})).await;
    let (one, other) = (desk.license(&policy, json!({})).await, desk.license(&policy, json!({})).await);
    let of_policy = format!("/api/v1/policies/{policy}/entitlements");
    let of_one = format!("/api/v1/licenses/{}/entitlements", one.id);
    let attached = |codes: Value| json!({ "entitlementCodes": codes });
    api.post(&of_policy, attached(json!(["charts"]))).await.is(200);
    api.post(&of_one, attached(json!(["export"]))).await.is(200);
    assert_eq!(api.post(&of_one, attached(json!(["nothing"]))).await.status, 422);
    assert_eq!(codes(&api.get(&of_policy).await.is(200)), ["charts"]);
    let mut listed = api.get(&of_one).await.is(200);
    let rows = listed["data"].as_array_mut().unwrap();
    rows.sort_by_key(|row| row["code"].to_string());
    assert_eq!(codes(&listed), ["charts", "export"]);
    let may = async |key: &str, asked: Value| {
        let told = desk.validate(key, json!({ "entitlements": asked })).await;
        (told["code"].as_str().unwrap().to_owned(), told["entitlements"].clone())
    };
    let (code, held) = may(&one.key, json!(["charts", "export"])).await;
    assert_eq!((code.as_str(), held.as_array().unwrap().len()), ("VALID", 2), "{held}");
    assert_eq!(may(&one.key, json!(["team"])).await.0, "ENTITLEMENTS_MISSING");
    assert_eq!(may(&other.key, json!(["export"])).await.0, "ENTITLEMENTS_MISSING");
    assert_eq!(
        may(&other.key, json!(["charts"])).await,
        ("VALID".to_owned(), json!(["charts"]))
    );
    let taken = async |path: &str| {
        let both = Some(attached(json!(["charts", "export"])));
        let status = api.call("DELETE", path, both).await.status;
        assert!(matches!(status, 200 | 204), "{status}");
    };
    taken(&of_one).await;
    assert_eq!(may(&one.key, json!(["charts"])).await.0, "VALID", "its policy has it still");
    assert_eq!(may(&one.key, json!(["export"])).await.0, "ENTITLEMENTS_MISSING");
    taken(&of_policy).await;
    assert_eq!(may(&other.key, json!(["charts"])).await.0, "ENTITLEMENTS_MISSING");
    desk.app.finish().await;
}
