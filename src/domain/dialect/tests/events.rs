//! Webhook bodies and headers, byte by byte.

use super::super::{Attempt, Shaping};
use super::{NAMES, object, preset, product};
use crate::domain::{Event, Mode, Timestamp};
use serde_json::json;
use uuid::Uuid;

const TENANT: Uuid = Uuid::from_u128(0xa0b1_c2d3_7f15_8192_a356_ce0f_1a2b_3c4d);

fn event(name: &str, view: &str, data: serde_json::Value) -> Event {
    Event {
        id: Uuid::from_u128(0x0011_2233_4455_6677_8899_aabb_ccdd_eeff),
        tenant: TENANT,
        mode: Mode::Live,
        name: name.to_owned(),
        view: view.to_owned(),
        data,
        products: Vec::new(),
        created_at: Timestamp(1_790_000_000_000),
    }
}

fn bytes(name: &str, event: &Event) -> String {
    String::from_utf8(preset(name).event_body(event, TENANT, &Shaping::default())).unwrap()
}

#[test]
fn envelopes_are_those_of_the_contracts() {
    let expected = [
        r#"{"id":"evt_00112233445566778899aabbccddeeff","type":"license.revoked","created_at":"2026-09-21T14:13:20.000Z","tenant_id":"a0b1c2d3-7f15-8192-a356-ce0f1a2b3c4d","data":{"machine_count":1}}"#,
        r#"{"event":"license.revoked","timestamp":"2026-09-21T14:13:20.000Z","data":{"machineCount":1}}"#,
        r#"{"id":"evt_00112233445566778899aabbccddeeff","type":"license.revoked","created_at":"2026-09-21T14:13:20.000Z","data":{"machine_count":1}}"#,
        r#"{"id":"evt_00112233445566778899aabbccddeeff","type":"license.revoked","createdAt":"2026-09-21T14:13:20.000Z","data":{"machineCount":1}}"#,
        r#"{"id":"evt_00112233445566778899aabbccddeeff","type":"license.revoked","created_at":"2026-09-21T14:13:20Z","workspace_id":"org_a0b1c2d37f158192a356ce0f1a2b3c4d","data":{"machineCount":1}}"#,
        r#"{"id":"evt_00112233445566778899aabbccddeeff","type":"license.revoked","createdAt":"2026-09-21T14:13:20Z","data":{"machineCount":1}}"#,
    ];
    for (name, expected) in NAMES.into_iter().zip(expected) {
        assert_eq!(
            bytes(name, &event("license.revoked", "odd", json!({"machine_count": 1}))),
            expected,
            "{name}"
        );
    }
}

#[test]
fn a_product_event_shows_the_product() {
    let created = event("product.created", "product", product());
    let body: serde_json::Value = serde_json::from_str(&bytes("sellf", &created)).unwrap();
    assert_eq!(body["data"]["price"].to_string(), "29.9");
    assert_eq!(body["data"]["isActive"], true);
    assert_eq!(
        body["data"]["product"].to_string(),
        r#"{"id":"d9e5f0a1-4c82-5e6f-a023-9b7c4d8e5f60","name":"Desktop App","slug":"desktop-app","price":29.9,"currency":"USD","icon":null}"#
    );
    let body: serde_json::Value = serde_json::from_str(&bytes("licentric", &created)).unwrap();
    assert_eq!(
        (&body["data"]["code"], &body["data"]["accountId"]),
        (&json!("desktop-app"), &json!(TENANT))
    );
    let body: serde_json::Value = serde_json::from_str(&bytes("openclaw", &created)).unwrap();
    assert_eq!(
        (&body["data"]["title"], &body["data"]["price_cents"]),
        (&json!("Desktop App"), &json!(2990))
    );
}

#[test]
fn bodies_can_be_shaped_but_not_their_envelope() {
    let fields =
        object(json!({"note": "For {{email}}, {{ product_name }}{{nothing}}", "data": "mine", "deep": [{"a": "{{email}}"}]}));
    let kept = ["customer".to_owned()];
    let shaping = Shaping {
        custom_fields: Some(&fields),
        field_selection: Some(&kept),
    };
    let data = json!({"customer": {"email": "a@b.co"}, "product": {"name": "App"}});
    let body = preset("sellf").event_body(&event("purchase.completed", "odd", data), TENANT, &shaping);
    assert_eq!(
        String::from_utf8(body).unwrap(),
        r#"{"event":"purchase.completed","timestamp":"2026-09-21T14:13:20.000Z","data":{"customer":{"email":"a@b.co"}},"note":"For a@b.co, App","deep":[{"a":"a@b.co"}]}"#
    );
    assert_eq!(preset("sellf").reserved_fields(), ["event", "timestamp", "data"]);
}

#[test]
fn names_are_known_where_they_can_be_subscribed_to() {
    for (name, neutral, expected) in [
        ("sellf", "product.created", true),
        ("openclaw", "product.created", true),
        ("openclaw", "license.created", false),
        ("bigclass", "product.created", true),
        ("bigclass", "license.created", false),
        ("bigclass", "order.paid", true),
        ("openclaw", "test.event", true),
        ("fondaco", "webhook.endpoint_disabled", true),
    ] {
        assert_eq!(preset(name).event_name(neutral).is_some(), expected, "{name} {neutral}");
    }
    assert!(
        preset("bigclass").subscribable("product.created"),
        "by name, though its contract has none"
    );
    assert!(!preset("openclaw").subscribable("test.event"));
    assert!(NAMES.iter().all(|name| preset(name).subscribable("*")));
}

#[test]
fn headers_carry_each_brands_signature_and_the_standard_one() {
    let digests = ["new".to_owned(), "old".to_owned()];
    let attempt = Attempt {
        event: Uuid::from_u128(0x42),
        event_name: "order.paid",
        delivery: Uuid::from_u128(0x43),
        number: 2,
        manual: false,
        sequence: Some(7),
        sent_at: Timestamp(1_790_000_000_999),
        brand_digests: &digests,
        standard_signature: "v1,abc",
    };
    let lines = |name: &str| {
        let headers = preset(name).webhook_headers(&attempt);
        headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}"))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        lines("bigclass"),
        [
            "Content-Type: application/json",
            "X-TBC-Event: order.paid",
            "X-TBC-Delivery: evd_00000000000000000000000000000043",
            "X-TBC-Signature: t=1790000000,v1=new,v1=old",
            "X-TBC-Sequence: 7",
            "webhook-id: evt_00000000000000000000000000000042",
            "webhook-timestamp: 1790000000",
            "webhook-signature: v1,abc",
        ]
    );
    let openclaw = lines("openclaw");
    assert!(openclaw.contains(&"X-OCB-Signature: old".to_owned()));
    assert!(openclaw.contains(&"X-OCB-Timestamp: 1790000000".to_owned()));
    assert!(lines("sellf").contains(&"X-Sellf-Retry-Attempt: 2".to_owned()));
    assert!(!lines("sellf").iter().any(|line| line.starts_with("X-Sellf-Retry:")));
    assert_eq!(lines("cgls").len(), 4);
}
