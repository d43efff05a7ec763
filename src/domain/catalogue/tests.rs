//! The files hold together, and every dialect carries what the catalogue knows.

use super::*;
use serde_json::json;
use std::collections::BTreeSet;

fn dialects() -> Dialects {
    Dialects::load(None).unwrap()
}

#[test]
fn the_files_are_read_whole() {
    let catalogue = Catalogue::read(FILES).unwrap();
    assert!(catalogue.kinds().len() > 60);
    for kind in catalogue.kinds() {
        assert!(kind.about.ends_with('.') && kind.about.len() > 15, "{}", kind.name);
        assert!(kind.data().is_object(), "{}", kind.name);
    }
}

#[test]
fn every_event_of_every_dialect_is_in_the_catalogue() {
    let catalogue = Catalogue::built_in();
    let dialects = dialects();
    for dialect in dialects.all() {
        for name in &dialect.webhooks.events {
            assert!(
                catalogue.called(dialect, name).is_some(),
                "{} lists `{name}`; describe it in config/events",
                dialect.name
            );
        }
        for neutral in dialect.webhooks.names.keys() {
            assert!(catalogue.get(neutral).is_some(), "{} names `{neutral}`", dialect.name);
        }
    }
}

#[test]
fn every_event_is_carried_by_a_dialect_and_by_the_native_one() {
    let dialects = dialects();
    for kind in Catalogue::built_in().kinds() {
        let carried = kind.dialects(&dialects);
        assert!(
            carried.iter().any(|name| name == "fondaco"),
            "{} is missing in the native dialect",
            kind.name
        );
    }
}

#[test]
fn the_contracts_have_their_events() {
    let dialects = dialects();
    let count = |name: &str| {
        let dialect = dialects.get(name).unwrap();
        dialect.webhooks.events.iter().collect::<BTreeSet<_>>().len()
    };
    assert_eq!(
        (count("bigclass"), count("licentric"), count("sellf"), count("openclaw")),
        (13, 16, 26, 6)
    );
}

#[test]
fn examples_are_bodies_and_meet_their_schemas() {
    let dialects = dialects();
    for kind in Catalogue::built_in().kinds() {
        for dialect in dialects
            .all()
            .iter()
            .filter(|dialect| dialect.event_name(&kind.name).is_some())
        {
            let (example, schema) = (kind.example(dialect), kind.schema(dialect));
            assert!(example["data"].is_object(), "{} {}", dialect.name, kind.name);
            meets(&schema, &example, &kind.name);
            meets(&schema, &kind.body(dialect, &kind.bare), &kind.name);
        }
    }
}

#[test]
fn a_schema_tells_what_may_be_null_or_absent() {
    let full = json!({"a": 1, "b": "x", "c": {"d": true}, "e": [{"f": 1.5}], "g": "2026-01-10T08:00:00.000Z"});
    let bare = json!({"a": 1, "b": null, "e": [{"f": 1.5}], "g": "2026-01-10T08:00:00.000Z"});
    let schema = schema::of(&full, &bare);
    assert_eq!(schema["required"], json!(["a", "b", "e", "g"]));
    assert_eq!(schema["properties"]["b"]["type"], json!(["string", "null"]));
    assert_eq!(schema["properties"]["c"]["required"], json!(["d"]));
    assert_eq!(schema["properties"]["e"]["items"]["properties"]["f"]["type"], "number");
    assert_eq!(schema["properties"]["g"]["format"], "date-time");
}

/// As much of JSON Schema as the catalogue uses.
#[track_caller]
fn meets(schema: &Value, value: &Value, what: &str) {
    let kinds: Vec<&str> = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        Value::String(kind) => vec![kind],
        _ => return,
    };
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let is_met = kinds.contains(&kind) || kind == "integer" && kinds.contains(&"number");
    assert!(is_met, "{what}: {value} is no {kinds:?}");
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        assert!(
            value.is_null() || value.get(name).is_some(),
            "{what}: {name} is missing in {value}"
        );
    }
    for (name, inner) in value.as_object().into_iter().flatten() {
        meets(&schema["properties"][name], inner, &format!("{what}.{name}"));
    }
    for item in value.as_array().into_iter().flatten() {
        meets(&schema["items"], item, what);
    }
}

#[test]
fn sellf_tells_amounts_and_names_as_its_contract_does() {
    let dialects = dialects();
    let sellf = dialects.get("sellf").unwrap();
    let data = |name: &str| Catalogue::built_in().get(name).unwrap().example(sellf)["data"].clone();
    let purchase = data("purchase.completed");
    assert_eq!(purchase["product"]["price"], 19.95);
    assert_eq!(purchase["order"]["amount"], 1995);
    assert_eq!(purchase["customer"]["firstName"], "Ann");
    assert_eq!(purchase["bundleComponents"][0]["slug"], "nebula-brushes");
    assert_eq!(data("refund.issued")["refund"]["totalRefunded"], 1995);
    assert_eq!(data("refund.issued")["payment"]["statusAfter"], "refunded");
    assert_eq!(data("invoice.paid")["invoice"]["amountPaid"], 9.95);
    assert_eq!(data("subscription.created")["subscription"]["recurringPrice"], 9.95);
    assert_eq!(
        data("subscription.created")["subscription"]["currentPeriodEnd"],
        "2026-02-10T08:00:00.000Z"
    );
    assert_eq!(data("license.revoked")["license"]["tier"], "personal");
    assert!(data("license.revoked").get("token").is_none());
    assert_eq!(data("access.expired")["access"]["expiredAt"], "2027-01-10T08:00:00.000Z");
}
