//! JSON Schemas of forms and views, from the very data that reads and renders.

use super::Dialect;
use super::entry::{Conversion, Entry, Member};
use super::form::{Field, Kind};
use super::view::Lines;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// How deep views within views are described.
const DEPTH_MAX: usize = 4;

impl Dialect {
    /// Describes the body an operation reads; `{}` where it has no form.
    pub fn form_schema(&self, op: &str) -> Value {
        let own = self.forms.contains_key(op);
        self.form(op)
            .map_or_else(|| json!({}), |form| self.object_schema(&form.fields, form.strict, own))
    }

    /// Describes what a view shows; an open object where no file knows it.
    pub fn view_schema(&self, view: &str) -> Value {
        self.view_object(view, 0)
    }

    fn object_schema(&self, fields: &BTreeMap<String, Field>, strict: bool, own: bool) -> Value {
        let spelt = |name: &String| if own { name.clone() } else { self.casing.body.apply(name) };
        let properties: Map<String, Value> = fields
            .iter()
            .map(|(name, field)| (spelt(name), self.field_schema(field, own)))
            .collect();
        let required: Vec<String> = fields
            .iter()
            .filter(|(_, field)| field.required)
            .map(|(name, _)| spelt(name))
            .collect();
        let mut schema = json!({ "type": "object", "properties": properties });
        if !required.is_empty() {
            schema["required"] = required.into();
        }
        if strict {
            schema["additionalProperties"] = false.into();
        }
        schema
    }

    fn field_schema(&self, field: &Field, own: bool) -> Value {
        let (kind, format) = type_of(field.kind);
        let mut schema = match field.kind {
            Kind::Object if !field.fields.is_empty() => self.object_schema(&field.fields, field.strict, own),
            Kind::Any => json!({}),
            _ => json!({ "type": kind }),
        };
        if let Some(format) = format {
            schema["format"] = format.into();
        }
        if field.nullable && field.kind != Kind::Any {
            schema["type"] = json!([schema["type"].clone(), "null"]);
        }
        bounds(field, &mut schema);
        let values: Vec<String> = match field.kind {
            Kind::Event => self
                .webhooks
                .events
                .iter()
                .cloned()
                .chain(self.webhooks.wildcard.then(|| "*".to_owned()))
                .collect(),
            Kind::Scope => self.scope_names(),
            _ => field.one_of.iter().chain(field.map.keys()).cloned().collect(),
        };
        if !values.is_empty() && field.otherwise.is_none() {
            schema["enum"] = values.into();
        }
        if let Some(default) = &field.default {
            schema["default"] = default.clone();
        }
        if let Some(items) = &field.items {
            let place = if field.kind == Kind::Map {
                "additionalProperties"
            } else {
                "items"
            };
            schema[place] = self.field_schema(items, own);
        }
        schema
    }

    fn view_object(&self, view: &str, depth: usize) -> Value {
        let Some(found) = self.view_lines("", view).filter(|_| depth < DEPTH_MAX) else {
            return json!({ "type": "object" });
        };
        let mut properties = Map::new();
        let mut required = Vec::new();
        self.view_members(found, depth, &mut properties, &mut required);
        json!({ "type": "object", "properties": properties, "required": required })
    }

    fn view_members(&self, found: Lines<'_>, depth: usize, properties: &mut Map<String, Value>, required: &mut Vec<Value>) {
        let painter = self.painter().respelling(found);
        for line in found.lines {
            match line {
                Entry::Include(view) if depth < DEPTH_MAX => {
                    if let Some(found) = self.view_lines("", view.as_str()) {
                        self.view_members(found, depth + 1, properties, required);
                    }
                }
                Entry::Include(_) => {}
                Entry::Member(member) => {
                    let name = painter.printed(member);
                    if !member.optional {
                        required.push(name.clone().into());
                    }
                    properties.insert(name, self.member_schema(member, depth));
                }
            }
        }
    }

    fn member_schema(&self, member: &Member, depth: usize) -> Value {
        match &member.conversion {
            Conversion::View(view) => self.view_object(view, depth + 1),
            Conversion::Moment => json!({ "type": ["string", "null"], "format": "date-time" }),
            Conversion::Money | Conversion::Major => json!({ "type": ["number", "null"] }),
            Conversion::Count => json!({ "type": "integer" }),
            Conversion::Text(_) | Conversion::Upper | Conversion::Lower => json!({ "type": "string" }),
            Conversion::Auto => by_name(member.neutral()),
            Conversion::Plain | Conversion::Map(_) | Conversion::Deep => json!({}),
        }
    }
}

fn type_of(kind: Kind) -> (&'static str, Option<&'static str>) {
    match kind {
        Kind::Int => ("integer", None),
        Kind::Number | Kind::Money => ("number", None),
        Kind::Bool => ("boolean", None),
        Kind::Object | Kind::Map => ("object", None),
        Kind::Array => ("array", None),
        Kind::Uuid => ("string", Some("uuid")),
        Kind::Moment => ("string", Some("date-time")),
        Kind::Email => ("string", Some("email")),
        Kind::Url => ("string", Some("uri")),
        _ => ("string", None),
    }
}

fn bounds(field: &Field, schema: &mut Value) {
    let (least, most) = match field.kind {
        Kind::Int | Kind::Number | Kind::Money => ("minimum", "maximum"),
        Kind::Array | Kind::List => ("minItems", "maxItems"),
        Kind::Map | Kind::Object => ("minProperties", "maxProperties"),
        _ => ("minLength", "maxLength"),
    };
    for (name, bound) in [(least, field.min), (most, field.max)] {
        if let Some(bound) = bound {
            // Whole bounds are written as such: `minLength` must be an integer.
            schema[name] = format!("{bound}").parse::<i64>().map_or_else(|_| json!(bound), Value::from);
        }
    }
    if let Some(pattern) = &field.pattern {
        schema["pattern"] = pattern.0.as_str().into();
    }
}

/// What the endings of neutral names tell.
fn by_name(name: &str) -> Value {
    if name.ends_with("_at") {
        json!({ "type": ["string", "null"], "format": "date-time" })
    } else if name.starts_with("is_") || name.starts_with("has_") {
        json!({ "type": "boolean" })
    } else if name.ends_with("_minor") || name.ends_with("_count") || name.starts_with("rate_limit_") {
        json!({ "type": ["integer", "null"] })
    } else if name == "id" || name == "name" || name == "slug" || name == "currency" || name == "status" {
        json!({ "type": "string" })
    } else {
        json!({})
    }
}
