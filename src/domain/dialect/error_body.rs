//! Errors in a dialect's words: status, code, text, shape.

use super::casing::Casing;
use super::{Dialect, Rendered};
use crate::domain::{Code, Error, FieldError, Kind};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The shape of an error's body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ErrorStyle {
    /// `{"error": {"code", "message", …}}`.
    #[default]
    Object,
    /// `{"error": text, "code", …}`.
    Flat,
    /// `{"success": false, "error": text, …}`.
    SuccessFalse,
}

/// How invalid fields are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum DetailStyle {
    /// `{"name": ["Name is required"]}`.
    #[default]
    ByField,
    /// `{"issues": [{"path": ["name"], "message", "code"}]}`.
    Issues,
    /// In the text alone.
    None,
}

/// A code's spelling and, where the contract says so, its own status.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Spelling {
    /// The code alone.
    Code(String),
    /// The code with its status.
    Full(FullSpelling),
}

/// A code with its status.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct FullSpelling {
    code: Option<String>,
    status: Option<u16>,
}

impl Spelling {
    fn code(&self) -> Option<&str> {
        match self {
            Self::Code(code) => Some(code),
            Self::Full(full) => full.code.as_deref(),
        }
    }

    pub(super) fn status(&self) -> Option<u16> {
        match self {
            Self::Code(_) => None,
            Self::Full(full) => full.status,
        }
    }
}

/// Letters of codes the file does not spell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Letters {
    #[default]
    Upper,
    Lower,
}

/// The section `[errors]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ErrorRules {
    pub(super) style: ErrorStyle,
    pub(super) details: DetailStyle,
    /// Whether neutral facts such as `{max, current}` are told.
    pub(super) facts: bool,
    pub(super) case: Letters,
    /// Member that repeats the status.
    pub(super) status_member: Option<String>,
    /// Member that carries the request's id.
    pub(super) request_member: Option<String>,
    /// Member that repeats `Retry-After` where a limit was met.
    pub(super) retry_member: Option<String>,
    /// Neutral code -> spelling.
    pub(super) codes: BTreeMap<String, Spelling>,
    /// Key of a text -> spelling, for cases finer than a code.
    pub(super) texts: BTreeMap<String, Spelling>,
    /// The neutral code of a path id of the wrong form.
    pub(super) path_id: Option<String>,
}

/// What is said about one error beside its code and text.
struct About<'a> {
    op: Option<&'a str>,
    error: &'a Error,
    status: u16,
    request_id: &'a str,
}

impl Dialect {
    /// Renders an error: status, body and the headers that belong to it; invalid fields are renamed through the
    /// operation's form.
    pub fn error(&self, op: Option<&str>, error: &Error, request_id: &str) -> Rendered {
        let rules = op.and_then(|op| self.op(op));
        let (code, status) = self.spelling(op, error);
        let about = About {
            op,
            error,
            status,
            request_id,
        };
        let text = self.text(op, error);
        let mut body = Map::new();
        match self.errors.style {
            ErrorStyle::Object => {
                let mut inner = Map::new();
                inner.insert("code".to_owned(), code.into());
                inner.insert("message".to_owned(), text.into());
                self.extras(&about, &mut inner);
                body.insert("error".to_owned(), Value::Object(inner));
            }
            ErrorStyle::Flat => {
                body.insert("error".to_owned(), text.into());
                body.insert("code".to_owned(), code.into());
                self.extras(&about, &mut body);
            }
            ErrorStyle::SuccessFalse => {
                let member = rules
                    .and_then(|rules| rules.success.as_deref())
                    .or(self.envelope.success.as_deref());
                body.insert(member.unwrap_or("success").to_owned(), false.into());
                body.insert("error".to_owned(), text.into());
                body.insert("code".to_owned(), code.into());
                self.extras(&about, &mut body);
            }
        }
        Rendered {
            status,
            body: Some(Value::Object(body)),
            headers: self.error_headers(error),
        }
    }

    /// The same as a text alone: `{"error": text}`, where the contract has no envelope.
    pub fn flat_error(&self, op: Option<&str>, error: &Error) -> Rendered {
        let (_, status) = self.spelling(op, error);
        let mut body = Map::new();
        body.insert("error".to_owned(), self.text(op, error).into());
        Rendered {
            status,
            body: Some(Value::Object(body)),
            headers: self.error_headers(error),
        }
    }

    /// Whether errors at this path are texts alone.
    pub fn is_flat_at(&self, path: &str) -> bool {
        self.routing.flat.iter().any(|prefix| path.starts_with(prefix.as_str()))
    }

    /// The neutral code of a path id of the wrong form; `NotFound` where the contract has no 400.
    pub fn path_id_code(&self) -> Code {
        let named = self.errors.path_id.as_deref();
        named
            .and_then(|name| Code::ALL.iter().copied().find(|code| code.name() == name))
            .unwrap_or(Code::Malformed)
    }

    /// Renders an error as a problem of RFC 9457, for callers that ask for `application/problem+json`.
    pub fn problem(&self, op: Option<&str>, error: &Error, request_id: &str) -> Rendered {
        let (code, status) = self.spelling(op, error);
        let mut body = Map::new();
        body.insert("type".to_owned(), "about:blank".into());
        body.insert("title".to_owned(), error.code.name().replace('_', " ").into());
        body.insert("status".to_owned(), status.into());
        body.insert("detail".to_owned(), self.text(op, error).into());
        body.insert("code".to_owned(), code.into());
        body.insert("request_id".to_owned(), request_id.into());
        if !error.fields.is_empty() {
            body.insert("errors".to_owned(), Value::Object(self.by_field(op, &error.fields)));
        }
        Rendered {
            status,
            body: Some(Value::Object(body)),
            headers: self.error_headers(error),
        }
    }

    pub(super) fn spelling(&self, op: Option<&str>, error: &Error) -> (String, u16) {
        let name = error.code.name();
        let found = [
            op.and_then(|op| self.ops.get(op)?.codes.get(name)),
            op.and_then(|op| self.slice_op(op)?.codes.get(name)),
            error.text.and_then(|text| self.errors.texts.get(text)),
            self.errors.codes.get(name),
        ];
        let code = found.iter().flatten().find_map(|spelling| spelling.code()).map(str::to_owned);
        let code = code.unwrap_or_else(|| match self.errors.case {
            Letters::Upper => name.to_ascii_uppercase(),
            Letters::Lower => name.to_owned(),
        });
        let status = found.iter().flatten().find_map(|spelling| spelling.status());
        (code, status.unwrap_or_else(|| error.kind().status()))
    }

    /// The text of the operation's messages, or of `[messages]`, whose key fits best and whose every place can be filled, else
    /// the error's own.
    fn text(&self, op: Option<&str>, error: &Error) -> String {
        let bucket = error
            .details
            .as_ref()
            .and_then(|details| details.get("bucket"))
            .and_then(Value::as_str);
        let missing = !error.fields.is_empty() && error.fields.iter().all(|field| field.rule == "required");
        let finer = bucket.or(missing.then_some("required"));
        let finer = finer.map(|finer| format!("{}.{finer}", error.code.name()));
        let keys = [error.text, finer.as_deref(), Some(error.code.name())];
        let own = op.and_then(|op| self.op(op)).map(|rules| &rules.messages);
        let fixed = own.into_iter().chain([&self.messages]).find_map(|messages| {
            let mut texts = keys.into_iter().flatten().filter_map(|key| messages.get(key));
            texts.find_map(|text| filled(text, error))
        });
        if let Some(text) = fixed {
            return text;
        }
        if self.errors.details == DetailStyle::None && !error.fields.is_empty() {
            let told = error.fields.iter().map(|field| self.told(op, field));
            return told.collect::<Vec<_>>().join("; ");
        }
        error.message.clone().into_owned()
    }

    fn told(&self, op: Option<&str>, field: &FieldError) -> String {
        format!("{}: {}", self.field_name(op, &field.field), field.message)
    }

    fn extras(&self, about: &About<'_>, into: &mut Map<String, Value>) {
        let About {
            op,
            error,
            status,
            request_id,
        } = *about;
        if let Some(member) = &self.errors.status_member {
            into.insert(member.clone(), status.into());
        }
        match self.details(op, error) {
            Some(Value::Object(facts)) if self.errors.style == ErrorStyle::SuccessFalse => into.extend(facts),
            Some(details) => {
                into.insert("details".to_owned(), details);
            }
            None => {}
        }
        if let Some(member) = &self.errors.request_member {
            into.insert(member.clone(), request_id.into());
        }
        if let (Some(member), Some(seconds), Kind::RateLimited) = (&self.errors.retry_member, error.retry_after_s, error.kind()) {
            into.insert(member.clone(), seconds.into());
        }
    }

    fn details(&self, op: Option<&str>, error: &Error) -> Option<Value> {
        if !error.fields.is_empty() {
            return match self.errors.details {
                DetailStyle::ByField => Some(Value::Object(self.by_field(op, &error.fields))),
                DetailStyle::Issues => Some(json!({ "issues": self.issues(op, &error.fields) })),
                DetailStyle::None => None,
            };
        }
        // What could not be read at all breaks no rule of one field, and is told in the same form.
        if self.errors.details == DetailStyle::Issues && error.code == Code::Malformed {
            return Some(json!({ "issues": [{ "path": [], "message": error.message, "code": "malformed" }] }));
        }
        // A limit's facts are in the text, the headers and the retry member: clients know no other.
        let told = self.errors.facts && error.kind() != Kind::RateLimited;
        error
            .details
            .as_ref()
            .filter(|_| told)
            .map(|facts| self.painter().deep(facts, 0))
    }

    fn by_field(&self, op: Option<&str>, fields: &[FieldError]) -> Map<String, Value> {
        let mut told: Map<String, Value> = Map::new();
        for field in fields {
            let texts = told
                .entry(self.field_name(op, &field.field))
                .or_insert_with(|| Value::Array(Vec::new()));
            if let Value::Array(texts) = texts {
                texts.push(field.message.clone().into_owned().into());
            }
        }
        told
    }

    fn issues(&self, op: Option<&str>, fields: &[FieldError]) -> Vec<Value> {
        let issue = |field: &FieldError| {
            let name = self.field_name(op, &field.field);
            let path: Vec<Value> = name
                .split('.')
                .map(|part| part.parse::<u64>().map_or_else(|_| part.into(), Value::from))
                .collect();
            json!({ "path": path, "message": field.message, "code": field.rule })
        };
        fields.iter().map(issue).collect()
    }

    fn error_headers(&self, error: &Error) -> Vec<(String, String)> {
        let mut headers = Vec::new();
        if let (Some(seconds), Kind::RateLimited | Kind::Unavailable) = (error.retry_after_s, error.kind()) {
            headers.push(("Retry-After".to_owned(), seconds.to_string()));
        }
        if self.credential.bearer && self.spelling(None, error).1 == 401 {
            headers.push(("WWW-Authenticate".to_owned(), "Bearer".to_owned()));
        }
        headers
    }
}

/// Fills `{name}` from the error's facts; `None` when one is missing.
fn filled(text: &str, error: &Error) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, behind) = after.split_once('}')?;
        out.push_str(before);
        let fact = error
            .details
            .as_ref()
            .and_then(|details| details.get(name).or_else(|| details.get(super::casing::to_snake(name))));
        match (name, fact) {
            ("retry_after_s", _) => out.push_str(&error.retry_after_s?.to_string()),
            ("message", _) => out.push_str(&error.message),
            (_, Some(Value::String(fact))) => out.push_str(fact),
            (_, Some(fact)) => out.push_str(&fact.to_string()),
            (_, None) => return None,
        }
        rest = behind;
    }
    out.push_str(rest);
    Some(out)
}

/// Spells a path of neutral names; list places stay numbers.
pub(super) fn spelt(path: &str, casing: Casing) -> String {
    path.split('.').map(|part| casing.apply(part)).collect::<Vec<_>>().join(".")
}
