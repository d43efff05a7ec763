//! Forms: what an operation reads, in the dialect's names, and what those names mean in neutral words.

use super::amount::Unit;
use super::casing::to_snake;
use super::error_body::spelt;
use super::reading::Reader;
use super::{Dialect, casing};
use crate::domain::{Error, Result};
use regex::Regex;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    /// Text; `min` and `max` count characters.
    #[default]
    String,
    /// A whole number.
    Int,
    /// Any finite number.
    Number,
    /// True or false.
    Bool,
    /// An amount in the catalogue's unit, kept in minor units.
    Money,
    /// A UUID of any version and case, kept in small letters.
    Uuid,
    /// RFC 3339 with an offset, kept as epoch milliseconds.
    Moment,
    /// An object, of `fields` or of anything.
    Object,
    /// A list of `items`.
    Array,
    /// A list, or a text of items between commas.
    List,
    /// An object whose every value is one of `items`.
    Map,
    /// Anything.
    Any,
    /// A text of `one_of` or of the keys of `map`.
    Enum,
    /// An e-mail address, kept in small letters.
    Email,
    /// An http or https URL.
    Url,
    /// Small letters, digits and single hyphens.
    Slug,
    /// One of the dialect's scope names.
    Scope,
    /// An event name an endpoint may subscribe to.
    Event,
    /// A code of the 33 currencies, kept in capitals.
    Currency,
}

/// What becomes of an empty text or a zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Emptied {
    /// It means null.
    Null,
    /// It means the field was not sent.
    Absent,
}

/// A regular expression of the file, compiled once.
#[derive(Clone, Debug)]
pub(super) struct Pattern(pub(super) Regex);

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Regex::new(&text).map(Self).map_err(serde::de::Error::custom)
    }
}

/// One field of a form.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Field {
    /// Neutral path; by default the snake form of the field's name.
    pub(super) to: Option<String>,
    #[serde(rename = "type")]
    pub(super) kind: Kind,
    pub(super) required: bool,
    pub(super) nullable: bool,
    /// What an absent field means, in the dialect's terms.
    pub(super) default: Option<Value>,
    /// Least value, length or count.
    pub(super) min: Option<f64>,
    /// Greatest value, length or count.
    pub(super) max: Option<f64>,
    /// Brings a number beyond its bounds back to the bound.
    pub(super) clamp: bool,
    /// Whether a thing must have it, so that a change may leave it out but not empty it.
    #[serde(skip)]
    pub(super) is_kept: bool,
    pub(super) pattern: Option<Pattern>,
    pub(super) one_of: Vec<String>,
    /// Dialect's value -> neutral value; a table of values is merged into the result.
    pub(super) map: Map<String, Value>,
    /// What an unknown value of an enum means, in neutral terms.
    pub(super) otherwise: Option<Value>,
    pub(super) items: Option<Box<Field>>,
    pub(super) fields: BTreeMap<String, Field>,
    pub(super) strict: bool,
    /// Other names the field may come under.
    pub(super) aliases: Vec<String>,
    pub(super) blank: Option<Emptied>,
    pub(super) zero: Option<Emptied>,
    pub(super) trim: bool,
    pub(super) lower: bool,
    pub(super) upper: bool,
    /// Unit of a money field that is not stated as the catalogue is.
    pub(super) unit: Option<Unit>,
    /// Text of every error of this field, in place of the generated one.
    pub(super) message: Option<String>,
}

/// One form.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Form {
    /// Whether a member that is no field is an error.
    pub(super) strict: bool,
    /// Whether at least one field must be sent.
    pub(super) at_least_one: bool,
    /// The form this one starts from.
    pub(super) like: Option<String>,
    /// Whether the fields taken over are all optional and without defaults.
    pub(super) partial: bool,
    /// Fields not taken over.
    pub(super) omit: Vec<String>,
    /// Neutral members that are always set.
    pub(super) set: Map<String, Value>,
    pub(super) fields: BTreeMap<String, Field>,
}

impl Field {
    /// The neutral path of a field of this name.
    pub(super) fn neutral(&self, name: &str) -> String {
        self.to.clone().unwrap_or_else(|| to_snake(name))
    }
}

impl Form {
    /// The form built on another, which is finished.
    pub(super) fn built_on(mut self, base: &Self) -> Self {
        for (name, field) in &base.fields {
            if self.omit.contains(name) || self.fields.contains_key(name) {
                continue;
            }
            let mut field = field.clone();
            if self.partial {
                field.is_kept = field.required;
                (field.required, field.default) = (false, None);
            }
            self.fields.insert(name.clone(), field);
        }
        self
    }
}

impl Dialect {
    /// Reads a JSON body for an operation: names and values become neutral, all broken rules are told at once.
    ///
    /// An operation without a form here is read by the native one, in its names and in this dialect's casing.
    pub fn read(&self, op: &str, body: &Map<String, Value>) -> Result<Map<String, Value>> {
        self.read_onto(op, body, &Map::new())
    }

    /// Reads as [`Dialect::read`] where neutral facts are known: an amount without a currency beside it is of the known
    /// `currency`; the object `max` (neutral path -> number) replaces bounds of the form for this caller.
    pub fn read_onto(&self, op: &str, body: &Map<String, Value>, known: &Map<String, Value>) -> Result<Map<String, Value>> {
        self.form(op)
            .map_or_else(|| Ok(Map::new()), |form| Reader::new(self, false, known).read(form, body))
    }

    /// Reads a query for an operation; empty values count as absent, unknown parameters are ignored.
    pub fn read_query(&self, op: &str, query: &[(String, String)]) -> Result<Map<String, Value>> {
        let mut body = Map::new();
        for (name, value) in query.iter().filter(|(_, value)| !value.is_empty()) {
            if !body.contains_key(name) {
                body.insert(name.clone(), value.clone().into());
            }
        }
        self.form(op).map_or_else(
            || Ok(Map::new()),
            |form| Reader::new(self, true, &Map::new()).read(form, &body),
        )
    }

    /// The form of an operation: this dialect's own, else the native one.
    pub(super) fn form(&self, op: &str) -> Option<&Form> {
        self.forms
            .get(op)
            .or_else(|| self.native.as_deref().and_then(|native| native.form(op)))
    }

    /// Spells a neutral field path as the caller wrote it, through the operation's form.
    pub(super) fn field_name(&self, op: Option<&str>, neutral: &str) -> String {
        let page = [("limit", &self.paging.limit_name), ("cursor", &self.paging.cursor_name)];
        if let Some((_, name)) = page.iter().find(|(own, _)| *own == neutral) {
            return (*name).clone();
        }
        let Some(form) = op.and_then(|op| self.form(op)) else {
            return spelt(neutral, self.casing.body);
        };
        let own = op.is_some_and(|op| self.forms.contains_key(op));
        self.renamed(&form.fields, own, neutral)
    }

    fn renamed(&self, fields: &BTreeMap<String, Field>, own: bool, neutral: &str) -> String {
        let mut best: Option<(&str, &Field, &str)> = None;
        for (name, field) in fields {
            let path = field.neutral(name);
            let Some(rest) = neutral
                .strip_prefix(path.as_str())
                .filter(|rest| rest.is_empty() || rest.starts_with('.'))
            else {
                continue;
            };
            if best.is_none_or(|(_, _, shortest)| rest.len() < shortest.len()) {
                best = Some((name, field, rest));
            }
        }
        match best {
            None => spelt(neutral, self.casing.body),
            Some((name, field, rest)) => {
                // A name that is not written like its neighbours is a contract's own and stays as it is.
                let is_fixed = own || to_snake(name) != name;
                let name = if is_fixed {
                    name.to_owned()
                } else {
                    self.casing.body.apply(name)
                };
                format!("{name}{}", self.renamed_rest(field, own, rest))
            }
        }
    }

    /// Spells what follows a field: list places, then nested fields.
    fn renamed_rest(&self, field: &Field, own: bool, rest: &str) -> String {
        let Some(rest) = rest.strip_prefix('.') else {
            return String::new();
        };
        if let Some(items) = &field.items {
            let (place, behind) = rest
                .split_once('.')
                .map_or((rest, ""), |(place, _)| (place, &rest[place.len()..]));
            return format!(".{place}{}", self.renamed_rest(items, own, behind));
        }
        if field.fields.is_empty() {
            format!(".{rest}")
        } else {
            format!(".{}", self.renamed(&field.fields, own, rest))
        }
    }
}

/// Puts a value at a dotted path, making the objects on the way.
pub(super) fn put(into: &mut Map<String, Value>, path: &str, value: Value) {
    match path.split_once('.') {
        None => drop(into.insert(path.to_owned(), value)),
        Some((first, rest)) => {
            let inner = into.entry(first).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}

/// The names a field may be sent under, its own first.
pub(super) fn spellings(dialect: &Dialect, name: &str, field: &Field) -> Vec<String> {
    let mut names = vec![name.to_owned(), dialect.casing.body.apply(name), casing::to_snake(name)];
    names.extend(field.aliases.iter().cloned());
    names
}

/// The refusal of a body whose fields break rules.
pub(super) fn refused(errors: Vec<crate::domain::FieldError>) -> Error {
    Error::fields(errors)
}
