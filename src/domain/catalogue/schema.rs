//! JSON Schemas of specimens: what both the full and the bare one have is required, what differs may vary.

use crate::domain::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// The schema that both specimens meet.
pub(super) fn of(full: &Value, bare: &Value) -> Value {
    let mut schema = merged(Some(full), Some(bare));
    if let Value::Object(members) = &mut schema {
        members.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
    }
    schema
}

fn merged(full: Option<&Value>, bare: Option<&Value>) -> Value {
    match (full, bare) {
        (Some(Value::Object(full)), Some(Value::Object(bare))) => object(full, bare),
        (Some(Value::Object(full)), _) => or_null(object(full, full), bare),
        (Some(Value::Array(full)), bare) => {
            let items = full
                .first()
                .map_or_else(|| json!({}), |item| merged(Some(item), sibling(bare)));
            or_null(json!({"type": "array", "items": items}), bare)
        }
        // What neither knows may be anything.
        (None | Some(Value::Null), None | Some(Value::Null)) => json!({}),
        (Some(Value::Null) | None, Some(known)) => or_null(plain(known), Some(&Value::Null)),
        (Some(known), bare) => or_null(plain(known), bare),
    }
}

fn object(full: &Map<String, Value>, bare: &Map<String, Value>) -> Value {
    // Nothing of it is sure to be there: a map whose names are its owner's.
    if bare.is_empty() {
        return json!({"type": "object"});
    }
    let properties: Map<String, Value> = full
        .iter()
        .map(|(name, value)| (name.clone(), merged(Some(value), bare.get(name).or(Some(value)))))
        .collect();
    let required: Vec<&String> = full.keys().filter(|name| bare.contains_key(*name)).collect();
    json!({"type": "object", "properties": properties, "required": required})
}

/// The first item of the bare list, against which the full one's is held.
fn sibling(bare: Option<&Value>) -> Option<&Value> {
    bare.and_then(|bare| bare.as_array()).and_then(|items| items.first())
}

fn or_null(mut schema: Value, bare: Option<&Value>) -> Value {
    if let (Some(Value::Null), Some(kind)) = (bare, schema.get("type").cloned()) {
        schema["type"] = json!([kind, "null"]);
    }
    schema
}

fn plain(value: &Value) -> Value {
    match value {
        Value::Bool(_) => json!({"type": "boolean"}),
        Value::Number(number) if number.is_f64() => json!({"type": "number"}),
        Value::Number(_) => json!({"type": "integer"}),
        Value::String(text) => text_schema(text),
        Value::Array(_) => json!({"type": "array"}),
        Value::Object(members) => object(members, members),
        Value::Null => json!({}),
    }
}

/// Texts of a known form say so.
fn text_schema(text: &str) -> Value {
    let format = match text {
        _ if Uuid::try_parse(text).is_ok() => "uuid",
        _ if Timestamp::parse(text).is_some() => "date-time",
        _ if text.starts_with("https://") => "uri",
        _ if text.contains('@') => "email",
        _ => return json!({"type": "string"}),
    };
    json!({"type": "string", "format": format})
}
