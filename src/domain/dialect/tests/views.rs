//! Rendering good answers.

use super::super::{Done, PageInfo, Rendered};
use super::{object, preset, product};
use serde_json::{Value, json};

fn body(rendered: Rendered) -> Value {
    rendered.body.unwrap()
}

#[test]
fn one_product_in_six_dialects() {
    let one = |name: &str, op: &str, done: Done| {
        let rendered = preset(name).one(op, done, "product", &product());
        (rendered.status, rendered.body.unwrap().to_string())
    };
    let (status, text) = one("licentric", "products.create", Done::Created);
    assert_eq!(status, 201);
    assert_eq!(
        text,
        r#"{"data":{"id":"d9e5f0a1-4c82-5e6f-a023-9b7c4d8e5f60","name":"Desktop App","code":"desktop-app","description":"An app","keyPrefix":"DSK","accountId":"a0b1c2d3-7f15-8192-a356-ce0f1a2b3c4d","licensesCount":0,"createdAt":"2026-01-10T08:00:00.000Z","updatedAt":"2026-01-10T08:00:00.000Z","deletedAt":null,"metadata":{"createdBy_hand":1}}}"#
    );
    let (status, text) = one("openclaw", "products.create", Done::Created);
    assert_eq!(status, 201);
    assert_eq!(
        text,
        r#"{"product":{"id":"d9e5f0a1-4c82-5e6f-a023-9b7c4d8e5f60","title":"Desktop App","slug":"desktop-app","description":"An app","type":"skill","category":null,"status":"published","price_cents":2990,"currency":"USD","avg_rating":0,"review_count":0,"created_at":"2026-01-10T08:00:00.000Z","updated_at":"2026-01-10T08:00:00.000Z"}}"#
    );
    assert_eq!(
        one("cgls", "products.create", Done::Created),
        (
            200,
            r#"{"success":true,"productId":"desktop-app","status":"live"}"#.to_owned()
        )
    );
    assert_eq!(
        one("cgls", "products.update", Done::Ok).1,
        r#"{"success":true,"productId":"desktop-app","name":"Desktop App","slug":"desktop-app","status":"live","active":true,"createdAt":"2026-01-10T08:00:00Z","updatedAt":"2026-01-10T08:00:00Z"}"#
    );
}

#[test]
fn amounts_and_moments_follow_the_dialect_in_native_views_too() {
    let shown = |name: &str| object(body(preset(name).one("products.get", Done::Ok, "product", &product())))["data"].clone();
    let sellf = shown("sellf");
    assert_eq!(sellf["price"].to_string(), "29.9");
    assert_eq!(sellf["sale_price"].to_string(), "19.5");
    assert_eq!(sellf["custom_price_min"], 5);
    assert_eq!(sellf["custom_price_presets"], json!([5, 10, 25]));
    assert_eq!(sellf["vat_rate"], 23);
    assert_eq!(sellf["available_from"], "2026-01-10T08:00:00.000Z");
    assert_eq!(sellf["product_type"], "one_time");
    assert_eq!(sellf["content_config"], json!({"content_items": []}));
    assert!(sellf.get("categories").is_none() && sellf.get("kind").is_none());
    let fondaco = shown("fondaco");
    assert_eq!((&fondaco["price"], &fondaco["custom_price_min"]), (&json!(2990), &json!(500)));
    assert_eq!(fondaco["status"], "published");
    let bigclass = shown("bigclass");
    assert_eq!(bigclass["createdAt"], "2026-01-10T08:00:00Z");
    assert_eq!(bigclass["availableFrom"], "2026-01-10T08:00:00Z");
    assert_eq!(bigclass["vatRate"], 23);
    assert_eq!(bigclass["metadata"], json!({"createdBy_hand": 1}));
}

#[test]
fn pages_are_announced_in_each_dialects_way() {
    let info = PageInfo {
        limit: 20,
        cursor: None,
        next_cursor: Some("abc".to_owned()),
        total: None,
        page: None,
    };
    let page = |name: &str, info: &PageInfo| object(body(preset(name).page("products.list", "product", &[product()], info)));
    assert_eq!(
        page("sellf", &info)["pagination"].to_string(),
        r#"{"cursor":null,"next_cursor":"abc","has_more":true,"limit":20}"#
    );
    assert_eq!(
        page("licentric", &info)["pagination"].to_string(),
        r#"{"nextCursor":"abc","hasMore":true}"#
    );
    assert_eq!(
        page("bigclass", &info)["pagination"].to_string(),
        r#"{"nextCursor":"abc","hasMore":true,"limit":20,"next_cursor":"abc","has_more":true}"#
    );
    let counted = PageInfo {
        limit: 12,
        cursor: None,
        next_cursor: None,
        total: Some(25),
        page: Some(2),
    };
    let openclaw = page("openclaw", &counted);
    assert_eq!(
        openclaw.keys().collect::<Vec<_>>(),
        ["products", "page", "per_page", "total", "total_pages"]
    );
    assert_eq!((&openclaw["per_page"], &openclaw["total_pages"]), (&json!(12), &json!(3)));
    let cgls = page("cgls", &counted);
    assert_eq!(cgls.keys().collect::<Vec<_>>(), ["success", "products", "count"]);
    let last = PageInfo {
        limit: 20,
        cursor: Some("abc".to_owned()),
        next_cursor: None,
        total: Some(7),
        page: None,
    };
    assert_eq!(
        page("sellf", &last)["pagination"].to_string(),
        r#"{"cursor":"abc","next_cursor":null,"has_more":false,"limit":20,"total":7}"#
    );
}

#[test]
fn deletions_and_revocations_answer_as_their_contracts_say() {
    let key = json!({"id": "k", "name": "K", "revoked_at": 1_768_032_000_000_i64});
    let gone = |name: &str| {
        let rendered = preset(name).one("products.delete", Done::Deleted, "product", &product());
        (rendered.status, rendered.body)
    };
    for name in ["fondaco", "sellf", "licentric", "bigclass"] {
        assert_eq!(gone(name), (204, None), "{name}");
    }
    assert_eq!(gone("openclaw"), (200, Some(json!({"success": true}))));
    assert_eq!(gone("cgls"), (200, Some(json!({"success": true}))));
    let revoked = |name: &str| preset(name).one("api_keys.revoke", Done::Deleted, "api_key", &key);
    let sellf = revoked("sellf");
    assert_eq!(sellf.status, 200);
    assert_eq!(
        body(sellf),
        json!({"data": {"id": "k", "name": "K", "revoked": true, "revoked_at": "2026-01-10T08:00:00.000Z"}})
    );
    assert_eq!(
        body(revoked("bigclass")),
        json!({"data": {"id": "k", "name": "K", "revoked": true, "revokedAt": "2026-01-10T08:00:00Z"}})
    );
    assert_eq!(body(revoked("openclaw")), json!({"success": true}));
    assert_eq!(body(revoked("cgls")), json!({"success": true, "revokedCount": 1}));
}

#[test]
fn secrets_shown_once_stand_where_the_contract_puts_them() {
    let key = json!({
        "id": "k", "name": "K", "key": "raw", "key_prefix": "ocb_live_a1b", "scopes": ["products:read"], "digest_hex": "ab",
        "creator_id": "shop", "is_active": true, "created_at": 0, "rate_limit_per_minute": 60,
    });
    let made = |name: &str| body(preset(name).one("api_keys.create", Done::Created, "api_key", &key));
    let openclaw = made("openclaw");
    assert_eq!(openclaw["key"], "raw");
    assert!(openclaw["api_key"].get("key").is_none());
    assert_eq!(
        made("cgls").to_string(),
        r#"{"success":true,"apiKey":"raw","name":"K","creatorId":"shop"}"#
    );
    assert_eq!(made("sellf")["data"]["key"], "raw");
    let listed = body(preset("cgls").page("api_keys.list", "api_key", std::slice::from_ref(&key), &PageInfo::default()));
    assert_eq!(
        listed.to_string(),
        r#"{"success":true,"keys":[{"hash":"ab","name":"K","creatorId":"shop","active":true,"createdAt":"1970-01-01T00:00:00Z"}],"count":1}"#
    );
    let endpoint =
        json!({"id": "w", "url": "u", "events": [], "is_active": true, "secret": "whsec_x", "tenant_id": "t", "created_at": 0});
    let openclaw = body(preset("openclaw").one("webhooks.create", Done::Created, "webhook", &endpoint));
    assert_eq!(
        (&openclaw["secret"], &openclaw["webhook"]["id"]),
        (&json!("whsec_x"), &json!("w"))
    );
    let licentric = body(preset("licentric").one("webhooks.create", Done::Created, "webhook", &endpoint));
    assert_eq!(
        (&licentric["data"]["secret"], &licentric["data"]["accountId"]),
        (&json!("whsec_x"), &json!("t"))
    );
    let rotated = json!({"new_key": key, "old_key": {"id": "o", "grace_until_at": 0, "message": "m"}});
    let sellf = body(preset("sellf").one("api_keys.rotate", Done::Created, "api_key_rotated", &rotated));
    assert_eq!(sellf["data"]["new_key"]["key"], "raw");
    assert_eq!(
        sellf["data"]["old_key"].to_string(),
        r#"{"id":"o","grace_until":"1970-01-01T00:00:00.000Z","message":"m"}"#
    );
}

#[test]
fn a_value_without_a_view_is_respelt_but_the_callers_own_words_are_not() {
    let value = json!({"some_thing": {"ended_at": 0, "parts_of": [{"a_b": 1}]}, "metadata": {"my_key": 0, "done_at": 0}});
    let shown = body(preset("licentric").one("odd.get", Done::Ok, "odd", &value));
    assert_eq!(
        shown.to_string(),
        r#"{"data":{"someThing":{"endedAt":"1970-01-01T00:00:00.000Z","partsOf":[{"aB":1}]},"metadata":{"my_key":0,"done_at":0}}}"#
    );
    assert_eq!(
        body(preset("cgls").one("licenses.verify", Done::Ok, "verdict", &json!({}))),
        json!({"valid": true})
    );
    assert_eq!(
        body(preset("openclaw").one("tenants.get", Done::Ok, "tenant_brief", &json!({"id": "t"})))["tenant_brief"]["id"],
        "t"
    );
}
