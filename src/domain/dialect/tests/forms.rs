//! Reading bodies and queries.

use super::{NAMES, all, object, preset};
use crate::domain::{Code, Error};
use serde_json::{Value, json};

fn faults(error: &Error) -> Vec<(&str, &str)> {
    error.fields.iter().map(|field| (field.field.as_ref(), field.rule)).collect()
}

#[test]
fn one_thing_said_in_six_ways_means_the_same() {
    let said = [
        (
            "fondaco",
            json!({"name": "App", "slug": "App", "price": 2990, "currency": "eur"}),
        ),
        (
            "sellf",
            json!({"name": " App ", "slug": "app", "price": 29.9, "currency": "EUR"}),
        ),
        (
            "openclaw",
            json!({"title": "App", "slug": "app", "price_cents": 2990, "currency": "EUR"}),
        ),
        (
            "bigclass",
            json!({"name": "App", "slug": "app", "price": 2990, "currency": "EUR"}),
        ),
    ];
    for (name, body) in said {
        let read = preset(name).read("products.create", &object(body)).unwrap();
        assert_eq!(read["name"], "App", "{name}");
        assert_eq!(read["slug"], "app", "{name}");
        assert_eq!(read["price_minor"], 2990, "{name}");
        assert_eq!(read["currency"], "EUR", "{name}");
    }
    let read = preset("licentric")
        .read(
            "products.create",
            &object(json!({"name": "App", "code": "My_App", "keyPrefix": "APP"})),
        )
        .unwrap();
    assert_eq!(
        Value::Object(read),
        json!({"key_prefix": "APP", "name": "App", "slug": "My_App", "status": "published"})
    );
    let read = preset("cgls")
        .read(
            "products.create",
            &object(json!({"name": "App", "slug": "app", "adminSecret": "x"})),
        )
        .unwrap();
    assert_eq!(
        Value::Object(read),
        json!({"name": "App", "slug": "app", "visibility": "live", "namespace": "license_server"})
    );
    let read = preset("openclaw")
        .read(
            "products.create",
            &object(json!({"title": "App", "type": "skill", "status": "published"})),
        )
        .unwrap();
    assert_eq!(read["status"], "draft");
    assert_eq!(read["price_minor"], 0);
    assert_eq!(read["kind"], "skill");
}

#[test]
fn all_faults_are_told_at_once_in_neutral_names() {
    let body = json!({
        "name": "  ", "slug": "-x", "price": "ten", "currency": "XXX", "features": [{"items": ["a"]}, 3],
        "key_prefix": "dsk", "vat_rate": -1, "available_from": "soon", "image_url": "ftp://x", "sale_price": 1.005,
    });
    let error = preset("sellf").read("products.create", &object(body)).unwrap_err();
    assert_eq!(error.code, Code::Validation);
    assert_eq!(
        faults(&error),
        [
            ("attributes.available_from_at", "moment"),
            ("currency", "currency"),
            ("attributes.features.0.title", "required"),
            ("attributes.features.1", "type"),
            ("attributes.image_url", "url"),
            ("key_prefix", "pattern"),
            ("name", "required"),
            ("price_minor", "type"),
            ("attributes.sale_price_minor", "decimals"),
            ("slug", "slug"),
            ("attributes.vat_rate", "too_small"),
        ]
    );
    let texts: Vec<&str> = error.fields.iter().map(|field| field.message.as_ref()).collect();
    assert!(texts.contains(&"Name is required"));
    assert!(texts.contains(&"Price must be a number"));
}

#[test]
fn amounts_are_exact_or_refused() {
    let sellf = preset("sellf");
    let price = |price: Value, currency: &str| {
        let body = json!({"name": "A", "slug": "a", "price": price, "currency": currency});
        sellf
            .read("products.create", &object(body))
            .map(|read| read["price_minor"].clone())
    };
    assert_eq!(price(json!(0.07), "USD").unwrap(), 7);
    assert_eq!(price(json!(999_999.99), "USD").unwrap(), 99_999_999);
    assert_eq!(price(json!(500), "JPY").unwrap(), 500);
    assert!(price(json!(500.5), "JPY").is_err());
    let error = price(json!(1_000_000), "USD").unwrap_err();
    assert_eq!(error.fields[0].message, "Price must be at most 999999.99");
    assert_eq!(price(json!(-1), "USD").unwrap_err().fields[0].rule, "too_small");
    let known = object(json!({"currency": "JPY"}));
    let read = sellf
        .read_onto("products.update", &object(json!({"price": 1000})), &known)
        .unwrap();
    assert_eq!(Value::Object(read), json!({"price_minor": 1000}));
}

#[test]
fn an_update_takes_what_it_finds_and_nothing_else() {
    let sellf = preset("sellf");
    let read = |body: Value| sellf.read("products.update", &object(body)).map(Value::Object);
    assert_eq!(read(json!({})).unwrap(), json!({}));
    let body = json!({"description": null, "available_from": "", "sale_price": 0, "is_active": false, "unknown": 1});
    let expected = json!({
        "attributes": {"available_from_at": null, "sale_price_minor": null}, "description": null, "is_active": false,
    });
    assert_eq!(read(body).unwrap(), expected);
    assert_eq!(read(json!({"name": null})).unwrap_err().fields[0].rule, "type");
    let ids = json!(["D9E5F0A1-4C82-5E6F-A023-9B7C4D8E5F60"]);
    assert_eq!(
        read(json!({"bundleItemIds": ids})).unwrap()["bundle_item_ids"][0],
        "d9e5f0a1-4c82-5e6f-a023-9b7c4d8e5f60"
    );
    let error = preset("sellf").read("api_keys.update", &object(json!({}))).unwrap_err();
    assert_eq!(faults(&error), [("", "empty")]);
}

#[test]
fn native_forms_are_read_in_both_spellings() {
    let bigclass = preset("bigclass");
    for body in [
        json!({"name": "K", "scopes": ["read:courses"], "rateLimitPerMinute": 5}),
        json!({"name": "K", "scopes": ["read:courses"], "rate_limit_per_minute": 5}),
    ] {
        let read = bigclass.read("api_keys.create", &object(body)).unwrap();
        assert_eq!(
            Value::Object(read),
            json!({"name": "K", "rate_limit_per_minute": 5, "scopes": ["read:courses"]})
        );
    }
}

#[test]
fn scopes_are_left_to_the_keys_own_dialect_and_bounds_are_judged_by_the_form() {
    let openclaw = preset("openclaw");
    let body = object(json!({"name": "K", "dialect": "bigclass", "scopes": ["read:courses", "*"]}));
    assert_eq!(
        openclaw.read("api_keys.create", &body).unwrap()["scopes"],
        json!(["read:courses", "*"])
    );
    let body = object(json!({"name": "K", "scopes": ["products:read"], "rate_limit_per_minute": 2_000_000}));
    assert!(openclaw.read("api_keys.create", &body).is_err());
    let known = object(json!({"max": {"rate_limit_per_minute": 3_000_000}}));
    let read = openclaw.read_onto("api_keys.create", &body, &known).unwrap();
    assert_eq!(read["rate_limit_per_minute"], 2_000_000);
}

#[test]
fn endpoints_subscribe_to_what_their_dialect_has() {
    let read = |name: &str, body: Value| preset(name).read("webhooks.create", &object(body)).map(Value::Object);
    let url = "https://example.com/hook";
    assert!(read("sellf", json!({"url": url, "events": ["product.created"]})).is_ok());
    let error = read("sellf", json!({"url": "nowhere", "events": ["*", "no.such"]})).unwrap_err();
    assert_eq!(faults(&error), [("events.1", "unknown_event"), ("url", "url")]);
    assert_eq!(
        read("sellf", json!({"url": url, "events": []})).unwrap_err().fields[0].rule,
        "too_short"
    );
    assert_eq!(read("licentric", json!({"url": url})).unwrap()["events"], json!(["*"]));
    assert_eq!(
        read(
            "openclaw",
            json!({"url": url, "events": ["product.updated"], "active": false})
        )
        .unwrap()["is_active"],
        false
    );
    let headers = json!({"url": url, "events": ["product.created"], "custom_headers": {"X-A": 1}});
    assert_eq!(
        faults(&read("fondaco", headers).unwrap_err()),
        [("custom_headers.X-A", "type")]
    );
}

#[test]
fn queries_are_texts_with_meaning() {
    let query = |pairs: &[(&str, &str)]| {
        pairs
            .iter()
            .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
            .collect::<Vec<_>>()
    };
    let read = |name: &str, pairs: &[(&str, &str)]| preset(name).read_query("products.list", &query(pairs)).map(Value::Object);
    let defaults = json!({"sort_by": "created_at", "sort_order": "desc", "status": "all"});
    assert_eq!(
        read(
            "sellf",
            &[("foo", "1"), ("sort_by", "colour"), ("status", "odd"), ("search", "")]
        )
        .unwrap(),
        defaults
    );
    let sorted = read("sellf", &[("sort_by", "price"), ("sort_order", "asc"), ("tag", "a, b")]).unwrap();
    assert_eq!(
        sorted,
        json!({"sort_by": "price_minor", "sort_order": "asc", "status": "all", "tag": ["a", "b"]})
    );
    let long = "x".repeat(201);
    assert_eq!(read("sellf", &[("search", &long)]).unwrap_err().fields[0].rule, "too_long");
    let sorted = read(
        "openclaw",
        &[("sort", "price_desc"), ("type", "skill"), ("min_price", "100"), ("q", "app")],
    )
    .unwrap();
    let expected =
        json!({"price_min_minor": 100, "search": "app", "sort_by": "price_minor", "sort_order": "desc", "kind": "skill"});
    assert_eq!(sorted, expected);
    assert_eq!(read("openclaw", &[("sort", "odd")]).unwrap()["sort_by"], "created_at");
    let listed = read("cgls", &[("status", "live,archived"), ("includeAll", "true")]).unwrap();
    assert_eq!(listed, json!({"include_all": true, "visibility": ["live", "archived"]}));
    assert_eq!(
        read("cgls", &[]).unwrap(),
        json!({"include_all": false, "visibility": ["live"]})
    );
}

#[test]
fn schemas_are_drawn_from_the_same_data() {
    let schema = preset("licentric").form_schema("products.create");
    assert_eq!(schema["required"], json!(["code", "name"]));
    assert_eq!(schema["properties"]["keyPrefix"]["pattern"], "^[A-Z]{2,10}$");
    assert_eq!(
        preset("bigclass").form_schema("api_keys.create")["properties"]["rateLimitPerMinute"]["type"],
        "integer"
    );
    for name in NAMES {
        let dialect = all().get(name).unwrap().clone();
        for view in ["product", "api_key", "webhook", "me"] {
            assert!(
                dialect.view_schema(view)["properties"]
                    .as_object()
                    .is_some_and(|members| !members.is_empty()),
                "{name} {view}"
            );
        }
    }
    assert!(preset("bigclass").view_schema("product")["properties"]["createdAt"].is_object());
    assert_eq!(preset("sellf").form_schema("no.such"), json!({}));
}
