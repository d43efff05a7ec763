//! Files that are good offline, the key they are checked with, and the list of what was withdrawn.

use super::Desk;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{ED25519, UnparsedPublicKey};
use serde_json::{Value, json};

/// Header and payload of a signed text, checked as a client would.
fn opened(text: &str, public_key: &Value) -> (Value, Value) {
    let der = STANDARD.decode(public_key.as_str().unwrap()).unwrap();
    let (signed, signature) = text.rsplit_once('.').unwrap();
    let key = UnparsedPublicKey::new(&ED25519, &der[12..]);
    key.verify(signed.as_bytes(), &STANDARD.decode(signature).unwrap()).unwrap();
    let (header, payload) = signed.split_once('.').unwrap();
    let part = |text: &str| serde_json::from_slice(&STANDARD.decode(text).unwrap()).unwrap();
    (part(header), part(payload))
}

#[actix_rt::test]
async fn a_licence_file_is_signed_and_ends_in_time() {
    let desk = Desk::open().await;
    let issued = desk.licensed(json!({ "durationDays": 2 })).await;
    let path = format!("/api/v1/licenses/{}/checkout", issued.id);
    let file = desk.shop.api.post(&path, json!({ "fingerprint": "machine-1" })).await.is(200);
    assert_eq!(
        (&file["data"]["ttl"], &file["data"]["fingerprint"]),
        (&json!(1_209_600), &json!("machine-1"))
    );
    let text = file["data"]["certificate"].as_str().unwrap();
    let inner = text.strip_prefix("-----BEGIN LICENSE FILE-----\n").unwrap();
    let inner = inner.strip_suffix("\n-----END LICENSE FILE-----\n").unwrap();
    let keys = desk
        .app
        .anonymous()
        .get(&format!("/api/licenses/{}/public-key", desk.shop.slug))
        .await
        .is(200);
    let (header, payload) = opened(inner, &keys["publicKey"]);
    assert_eq!((&header["version"], &header["algorithm"]), (&json!(1), &json!("ed25519")));
    // The licence ends before two weeks are over, and its file with it.
    assert_eq!(header["expiresAt"], "2026-05-21T14:23:14.000Z");
    assert_eq!(payload["fingerprint"], "machine-1");
    for (body, status) in [
        (json!({ "ttl": 3600 }), 400),
        (json!({ "fingerprint": "short", "ttl": 3600 }), 200),
        (json!({ "fingerprint": "machine-1", "ttl": 3599 }), 400),
        (json!({ "fingerprint": "machine-1", "ttl": 7_776_001 }), 400),
        (json!({ "fingerprint": "machine-1", "ttl": "3600" }), 400),
    ] {
        assert_eq!(desk.shop.api.post(&path, body.clone()).await.status, status, "{body}");
    }
    desk.app.finish().await;
}

#[actix_rt::test]
async fn a_file_is_no_longer_good_than_the_policy_allows() {
    let desk = Desk::open().await;
    let issued = desk.licensed(json!({ "offlineMaxDays": 7 })).await;
    let path = format!("/api/v1/licenses/{}/checkout", issued.id);
    for (asked, ttl, end) in [
        (json!({}), 604_800, "2026-05-26T14:23:14.000Z"),
        (json!({ "ttl": 7_776_000 }), 604_800, "2026-05-26T14:23:14.000Z"),
        (json!({ "ttl": 3600 }), 3600, "2026-05-19T15:23:14.000Z"),
    ] {
        let body = super::merged(json!({ "fingerprint": "machine-1" }), asked);
        let file = desk.shop.api.post(&path, body).await.is(200)["data"].clone();
        assert_eq!((&file["ttl"], &file["expiresAt"]), (&json!(ttl), &json!(end)));
    }
    desk.app.finish().await;
}

#[actix_rt::test]
async fn where_the_policy_or_the_state_forbids_it_there_is_no_file() {
    let desk = Desk::open().await;
    let issued = desk.licensed(json!({ "offlineAllowed": false })).await;
    let body = json!({ "fingerprint": "machine-1" });
    let refused = desk
        .shop
        .api
        .post(&format!("/api/v1/licenses/{}/checkout", issued.id), body.clone())
        .await;
    assert_eq!(refused.is(422)["code"], "BUSINESS_RULE_VIOLATION");
    let issued = desk.licensed(json!({})).await;
    desk.step(&issued.id, "suspend").await.is(200);
    let refused = desk
        .shop
        .api
        .post(&format!("/api/v1/licenses/{}/checkout", issued.id), body)
        .await;
    assert_eq!(refused.is(409)["code"], "LICENSE_SUSPENDED");
    desk.app.finish().await;
}

#[actix_rt::test]
async fn withdrawn_licences_are_listed_and_the_list_is_signed() {
    let desk = Desk::open().await;
    let path = format!("/api/licenses/{}/revoked", desk.shop.slug);
    let issued = desk.licensed(json!({})).await;
    assert_eq!(desk.app.anonymous().get(&path).await.is(200)["revoked"], json!([]));
    desk.step(&issued.id, "revoke").await.is(200);
    let list = desk.app.anonymous().get(&path).await.is(200);
    let expected = json!([{ "id": issued.id, "status": "revoked", "revokedAt": "2026-05-19T14:23:14.000Z" }]);
    assert_eq!(list["revoked"], expected);
    let (_, payload) = opened(list["signed"].as_str().unwrap(), &list["publicKey"]);
    assert_eq!(payload["revoked"], expected);
    desk.app.anonymous().get("/api/licenses/nobody/revoked").await.is(404);
    desk.app.anonymous().get("/api/licenses/nobody/public-key").await.is(404);
    desk.app.finish().await;
}
