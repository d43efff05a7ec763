//! Reading a body by its form: every field is judged, every fault is kept.

use super::Dialect;
use super::casing::label;
use super::coerce::{Bad, Coerce};
use super::form::{Emptied, Field, Form, Kind, put, refused, spellings};
use crate::domain::{FieldError, Result};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Depth at which nested fields end; bodies deeper than that are refused by the JSON reader anyway.
const DEPTH_MAX: usize = 32;

/// Reads one body.
pub(super) struct Reader<'a> {
    dialect: &'a Dialect,
    /// Whether values are texts of a query.
    textual: bool,
    currency: String,
    /// Neutral path -> greatest number allowed to this caller, in place of the form's.
    maxima: Map<String, Value>,
    errors: Vec<FieldError>,
}

/// The fields of one object, and whether it may hold others.
#[derive(Clone, Copy)]
struct Members<'p> {
    fields: &'p BTreeMap<String, Field>,
    strict: bool,
}

/// Where a field stands: its name as sent, its neutral path, how deep it is.
#[derive(Clone, Copy)]
struct Place<'p> {
    name: &'p str,
    path: &'p str,
    depth: usize,
}

impl<'a> Reader<'a> {
    /// A reader for bodies, or for queries where values are texts; see [`Dialect::read_onto`] for what may be known.
    pub(super) fn new(dialect: &'a Dialect, textual: bool, known: &Map<String, Value>) -> Self {
        let currency = known.get("currency").and_then(Value::as_str).unwrap_or_default().to_owned();
        let maxima = known.get("max").and_then(Value::as_object).cloned().unwrap_or_default();
        Self {
            dialect,
            textual,
            currency,
            maxima,
            errors: Vec::new(),
        }
    }

    /// Reads the whole body.
    pub(super) fn read(mut self, form: &Form, body: &Map<String, Value>) -> Result<Map<String, Value>> {
        let mut out = Map::new();
        let strict = form.strict && !self.textual;
        let at = Place {
            name: "",
            path: "",
            depth: 0,
        };
        let seen = self.fields(
            Members {
                fields: &form.fields,
                strict,
            },
            body,
            &mut out,
            at,
        );
        if form.at_least_one && seen == 0 && self.errors.is_empty() {
            self.fault("", "empty", "Send at least one field".to_owned());
        }
        for (path, value) in &form.set {
            put(&mut out, path, value.clone());
        }
        if self.errors.is_empty() {
            Ok(out)
        } else {
            Err(refused(self.errors))
        }
    }

    fn fault(&mut self, path: &str, rule: &'static str, message: String) {
        self.errors.push(FieldError {
            field: path.to_owned().into(),
            message: message.into(),
            rule,
        });
    }

    /// Reads the members of one object; answers how many fields were sent.
    fn fields(&mut self, members: Members<'_>, body: &Map<String, Value>, out: &mut Map<String, Value>, at: Place<'_>) -> usize {
        let Members { fields, strict } = members;
        let outer = self.currency.clone();
        self.currency = self.currency_of(fields, body).unwrap_or_else(|| outer.clone());
        let mut taken: Vec<String> = Vec::new();
        for (name, field) in fields {
            let neutral = field.neutral(name);
            let path = if at.path.is_empty() {
                neutral.clone()
            } else {
                format!("{}.{neutral}", at.path)
            };
            let here = Place {
                name,
                path: &path,
                depth: at.depth + 1,
            };
            let names = spellings(self.dialect, name, field);
            let sent = names.into_iter().find_map(|name| body.get(&name).map(|value| (name, value)));
            let raw = sent.map(|(name, value)| {
                taken.push(name);
                value
            });
            if let Some(value) = self.sent_or_default(field, raw, here) {
                place(out, field, &neutral, value);
            }
        }
        if strict {
            for name in body.keys().filter(|name| !taken.contains(name)) {
                let path = if at.path.is_empty() {
                    name.clone()
                } else {
                    format!("{}.{name}", at.path)
                };
                self.fault(&path, "unknown", format!("{} is not a known field", label(name)));
            }
        }
        self.currency = outer;
        taken.len()
    }

    fn sent_or_default(&mut self, field: &Field, raw: Option<&Value>, at: Place<'_>) -> Option<Value> {
        let raw = raw.filter(|raw| !(dropped(field.blank, raw, is_blank) || dropped(field.zero, raw, is_zero)));
        let null_is_absent = self.dialect.reading.null_is_absent && !field.is_kept;
        let raw = raw.filter(|raw| !(null_is_absent && raw.is_null() && !field.nullable));
        if let Some(raw) = raw {
            return self.value(field, raw, at);
        }
        if field.required {
            self.told(field, at, "required", format!("{} is required", label(at.name)));
            return None;
        }
        match (&field.default, field.kind) {
            // Amounts in the files are minor units, which the reader of values would take for the catalogue's.
            (Some(default), Kind::Money) => Some(default.clone()),
            (Some(default), _) => self.value(field, default, at),
            (None, _) => None,
        }
    }

    /// Judges one value; `None` means a fault was kept.
    fn value(&mut self, field: &Field, raw: &Value, at: Place<'_>) -> Option<Value> {
        let nulled = (field.blank == Some(Emptied::Null) && is_blank(raw)) || (field.zero == Some(Emptied::Null) && is_zero(raw));
        if nulled || (raw.is_null() && field.nullable) {
            return Some(Value::Null);
        }
        if field.required && field.kind == Kind::String && is_blank(raw) {
            self.told(field, at, "required", format!("{} is required", label(at.name)));
            return None;
        }
        let mark = self.errors.len();
        let read = match field.kind {
            Kind::Array | Kind::List => self.list(field, raw, at),
            Kind::Object if !field.fields.is_empty() => self.object(field, raw, at),
            Kind::Map => self.entries(field, raw, at),
            _ => self.plain(field, raw, at),
        };
        if read.is_none() && field.otherwise.is_some() {
            self.errors.truncate(mark);
            return field.otherwise.clone();
        }
        read
    }

    fn plain(&mut self, field: &Field, raw: &Value, at: Place<'_>) -> Option<Value> {
        let max = self.maxima.get(at.path).and_then(Value::as_f64).or(field.max);
        let coerce = Coerce {
            dialect: self.dialect,
            field,
            textual: self.textual,
            currency: &self.currency,
            max,
        };
        match coerce.value(raw) {
            Ok(value) => Some(value),
            Err(Bad { rule, text }) => {
                self.told(field, at, rule, format!("{} {text}", label(at.name)));
                None
            }
        }
    }

    fn list(&mut self, field: &Field, raw: &Value, at: Place<'_>) -> Option<Value> {
        let split: Vec<Value>;
        let items = match raw {
            Value::Array(items) => items,
            Value::String(text) if field.kind == Kind::List => {
                split = text
                    .split(',')
                    .map(str::trim)
                    .filter(|part| !part.is_empty())
                    .map(Value::from)
                    .collect();
                &split
            }
            _ => {
                self.told(field, at, "type", format!("{} must be a list", label(at.name)));
                return None;
            }
        };
        let bounded = self.counted(field, items.len(), "item", at);
        let Some(item) = field.items.as_deref().filter(|_| bounded && at.depth < DEPTH_MAX) else {
            return bounded.then(|| Value::Array(items.clone()));
        };
        let read: Vec<Option<Value>> = items
            .iter()
            .enumerate()
            .map(|(number, raw)| {
                let path = format!("{}.{number}", at.path);
                self.value(
                    item,
                    raw,
                    Place {
                        path: &path,
                        depth: at.depth + 1,
                        ..at
                    },
                )
            })
            .collect();
        read.into_iter().collect::<Option<Vec<_>>>().map(Value::Array)
    }

    fn object(&mut self, field: &Field, raw: &Value, at: Place<'_>) -> Option<Value> {
        let Value::Object(members) = raw else {
            self.told(field, at, "type", format!("{} must be an object", label(at.name)));
            return None;
        };
        let mark = self.errors.len();
        let mut out = Map::new();
        self.fields(
            Members {
                fields: &field.fields,
                strict: field.strict,
            },
            members,
            &mut out,
            at,
        );
        (self.errors.len() == mark).then_some(Value::Object(out))
    }

    fn entries(&mut self, field: &Field, raw: &Value, at: Place<'_>) -> Option<Value> {
        let Value::Object(members) = raw else {
            self.told(field, at, "type", format!("{} must be an object", label(at.name)));
            return None;
        };
        if !self.counted(field, members.len(), "member", at) {
            return None;
        }
        let mut out = Map::new();
        for (name, inner) in members {
            let path = format!("{}.{name}", at.path);
            let here = Place {
                name,
                path: &path,
                depth: at.depth + 1,
            };
            let read = field
                .items
                .as_deref()
                .map_or_else(|| Some(inner.clone()), |item| self.value(item, inner, here));
            out.insert(name.clone(), read?);
        }
        Some(Value::Object(out))
    }

    fn counted(&mut self, field: &Field, count: usize, noun: &str, at: Place<'_>) -> bool {
        let count = count as f64;
        if field.min.is_some_and(|min| count < min) {
            let least = field.min.unwrap_or_default();
            self.told(
                field,
                at,
                "too_short",
                format!("{} must have at least {least} {noun}{}", label(at.name), plural(least)),
            );
            return false;
        }
        if field.max.is_some_and(|max| count > max) {
            let most = field.max.unwrap_or_default();
            self.told(
                field,
                at,
                "too_long",
                format!("{} must have at most {most} {noun}{}", label(at.name), plural(most)),
            );
            return false;
        }
        true
    }

    fn told(&mut self, field: &Field, at: Place<'_>, rule: &'static str, generated: String) {
        let message = field.message.clone().unwrap_or(generated);
        self.fault(at.path, rule, message);
    }

    /// The currency these fields are sent with: what was sent, else what is known, else the field's default.
    fn currency_of(&self, fields: &BTreeMap<String, Field>, body: &Map<String, Value>) -> Option<String> {
        let (name, field) = fields.iter().find(|(name, field)| field.neutral(name) == "currency")?;
        let sent = spellings(self.dialect, name, field)
            .iter()
            .find_map(|name| body.get(name)?.as_str());
        let known = Some(self.currency.as_str()).filter(|currency| !currency.is_empty());
        sent.or(known)
            .or_else(|| field.default.as_ref()?.as_str())
            .map(str::to_uppercase)
    }
}

/// Puts a read value at its neutral path; a table of values from a `map` is merged.
fn place(out: &mut Map<String, Value>, field: &Field, neutral: &str, value: Value) {
    match value {
        Value::Object(members) if !field.map.is_empty() => members.into_iter().for_each(|(path, value)| put(out, &path, value)),
        value => put(out, neutral, value),
    }
}

fn dropped(rule: Option<Emptied>, raw: &Value, test: fn(&Value) -> bool) -> bool {
    rule == Some(Emptied::Absent) && test(raw)
}

fn is_blank(raw: &Value) -> bool {
    raw.as_str().is_some_and(|text| text.trim().is_empty())
}

fn is_zero(raw: &Value) -> bool {
    raw.as_f64() == Some(0.0)
}

pub(super) fn plural(count: f64) -> &'static str {
    if count == 1.0 { "" } else { "s" }
}
