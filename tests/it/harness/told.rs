//! Every event that any test makes is held against the schema that is published for it, in every dialect that tells it.

use fondaco::context::House;
use fondaco::domain::catalogue::Catalogue;
use fondaco::domain::dialect::Shaping;
use fondaco::domain::{Event, Mode, Timestamp};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};

/// Fails where a body lacks what its schema requires, is of another form, or has what the schema does not describe.
pub(super) async fn judge_events(house: &House) {
    let rows = entities::event::anywhere().all(house.store.read()).await.unwrap();
    let mut schemas = HashMap::new();
    let mut faults = BTreeSet::new();
    for row in rows {
        let Some(kind) = Catalogue::built_in().get(&row.name) else {
            panic!("{} is no event of the catalogue", row.name);
        };
        let event = Event {
            id: row.id,
            tenant: row.tenant,
            mode: match row.mode {
                entities::Mode::Live => Mode::Live,
                entities::Mode::Test => Mode::Test,
            },
            name: row.name.clone(),
            view: row.view,
            data: row.data.0,
            products: row.products.0,
            created_at: Timestamp(row.created_at),
        };
        for dialect in house.dialects.all().iter() {
            let Some(name) = dialect.event_name(&row.name) else { continue };
            let schema = schemas
                .entry((dialect.name.clone(), row.name.clone()))
                .or_insert_with(|| kind.schema(dialect));
            let body = dialect.event_body(&event, row.tenant, &Shaping::default());
            let body: Value = serde_json::from_slice(&body).unwrap();
            meets(schema, &body, &format!("{} {name}", dialect.name), &mut faults);
        }
    }
    let told: Vec<String> = faults.into_iter().collect();
    assert!(
        told.is_empty(),
        "bodies differ from their schemas (config/events):\n{}",
        told.join("\n")
    );
}

/// As much of JSON Schema as is published; what is wrong is added to `faults`.
pub(crate) fn meets(schema: &Value, value: &Value, at: &str, faults: &mut BTreeSet<String>) {
    let kinds: Vec<&str> = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        Value::String(kind) => vec![kind],
        _ => return,
    };
    let is = |kind: &str| match (kind, value) {
        ("null", Value::Null)
        | ("boolean", Value::Bool(_))
        | ("number", Value::Number(_))
        | ("string", Value::String(_))
        | ("array", Value::Array(_))
        | ("object", Value::Object(_)) => true,
        ("integer", Value::Number(number)) => !number.is_f64(),
        _ => false,
    };
    if !kinds.iter().any(|kind| is(kind)) {
        faults.insert(format!("{at}: {value} is none of {kinds:?}"));
    }
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if value.is_object() && value.get(name).is_none() {
            faults.insert(format!("{at}: `{name}` is required and missing"));
        }
    }
    let described = schema.get("properties").and_then(Value::as_object);
    for (name, inner) in value.as_object().into_iter().flatten() {
        let Some(properties) = described else { continue };
        match properties.get(name) {
            Some(schema) => meets(schema, inner, &format!("{at}.{name}"), faults),
            None => _ = faults.insert(format!("{at}: `{name}` is not described")),
        }
    }
    for item in value.as_array().into_iter().flatten() {
        meets(&schema["items"], item, at, faults);
    }
}
