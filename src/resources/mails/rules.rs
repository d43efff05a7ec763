//! Pure decisions about a shop's mails.

use super::types::KindView;
use crate::domain::letter::{self, Kind};
use crate::domain::{Error, FieldError, Result};
use serde_json::{Map, Value};

/// Longest subject, in characters.
const SUBJECT_MAX: usize = 200;
/// Longest body, in characters.
const BODY_MAX: usize = 10_000;

/// The kind as it is in force under a shop's settings.
pub(super) fn in_force(kind: &'static Kind, kept: &Value) -> KindView {
    let own = |member: &str| kept.get(kind.name).and_then(|own| own.get(member));
    let text = |member: &str| own(member).and_then(Value::as_str).map(str::to_owned);
    let (subject, body) = (text("subject"), text("body"));
    KindView {
        kind: kind.name,
        about: kind.about,
        enabled: own("enabled") != Some(&Value::Bool(false)),
        is_custom: subject.is_some() || body.is_some(),
        subject: subject.unwrap_or_else(|| kind.subject.to_owned()),
        body: body.unwrap_or_else(|| kind.body.to_owned()),
        placeholders: kind.places(),
    }
}

/// The changes of a body: kind -> `{enabled?, subject?, body?}`, `null` giving a text back to the usual one.
///
/// # Errors
/// `Validation` with everything that is wrong.
pub(super) fn changes(body: &Map<String, Value>) -> Result<Map<String, Value>> {
    let mut errors = Vec::new();
    if body.is_empty() {
        errors.push(wrong("kind", "required", "name at least one kind of mail"));
    }
    for (name, change) in body {
        let (Some(kind), Some(members)) = (letter::find(name), change.as_object()) else {
            let text = match letter::find(name) {
                None => "there is no such kind of mail",
                Some(_) => "must be an object with enabled, subject or body",
            };
            errors.push(wrong(name, "unknown", text));
            continue;
        };
        for (member, value) in members {
            if let Err(text) = member_fits(kind, member, value) {
                errors.push(wrong(&format!("{name}.{member}"), "invalid", &text));
            }
        }
    }
    match errors.is_empty() {
        true => Ok(body.clone()),
        false => Err(Error::fields(errors)),
    }
}

fn member_fits(kind: &Kind, member: &str, value: &Value) -> Result<(), String> {
    match (member, value) {
        ("enabled", Value::Bool(_)) | ("subject" | "body", Value::Null) => Ok(()),
        ("subject" | "body", Value::String(text)) => text_fits(kind, member, text),
        ("enabled", _) => Err("must be true or false".to_owned()),
        ("subject" | "body", _) => Err("must be a text or null".to_owned()),
        _ => Err("is not known; a kind has enabled, subject and body".to_owned()),
    }
}

/// Whether a text can be a kind's subject or body.
///
/// # Errors
/// What is wrong, in words.
pub(super) fn text_fits(kind: &Kind, member: &str, text: &str) -> Result<(), String> {
    let longest = if member == "subject" { SUBJECT_MAX } else { BODY_MAX };
    if text.trim().is_empty() {
        return Err("must not be empty; null gives the usual text back".to_owned());
    }
    if text.chars().count() > longest {
        return Err(format!("must be at most {longest} characters"));
    }
    if member == "subject" && text.chars().any(char::is_control) {
        return Err("must be one line".to_owned());
    }
    let unknown = kind.unknown_places(text);
    match unknown.is_empty() {
        true => Ok(()),
        false => Err(format!(
            "has placeholders this mail does not have: {}; known are {}",
            unknown.join(", "),
            kind.places().join(", ")
        )),
    }
}

/// The settings after the changes.
pub(super) fn merged(kept: &Value, changes: &Map<String, Value>) -> Value {
    let mut all = kept.as_object().cloned().unwrap_or_default();
    for (name, change) in changes {
        let mut own = all.get(name).and_then(Value::as_object).cloned().unwrap_or_default();
        own.extend(change.as_object().cloned().unwrap_or_default());
        own.retain(|member, value| !(value.is_null() || member == "enabled" && *value == Value::Bool(true)));
        match own.is_empty() {
            true => all.shift_remove(name),
            false => all.insert(name.clone(), Value::Object(own)),
        };
    }
    Value::Object(all)
}

pub(super) fn wrong(field: &str, rule: &'static str, text: &str) -> FieldError {
    FieldError {
        field: field.to_owned().into(),
        message: text.to_owned().into(),
        rule,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn what_is_wrong_is_named_by_its_place() {
        let body = object(json!({
            "receipt": {"subject": "{{secret}}", "body": "x", "enabled": "no"},
            "nothing": {},
            "refund_notice": 7,
            "access_granted": {"subject": "two\nlines", "colour": 1},
        }));
        let errors = changes(&body).unwrap_err().fields;
        let named: Vec<_> = errors.iter().map(|error| error.field.as_ref()).collect();
        assert_eq!(
            named,
            [
                "receipt.subject",
                "receipt.enabled",
                "nothing",
                "refund_notice",
                "access_granted.subject",
                "access_granted.colour"
            ]
        );
        assert!(changes(&Map::new()).is_err());
    }

    #[test]
    fn null_gives_the_usual_text_back() {
        let kept = merged(
            &Value::Null,
            &object(json!({"receipt": {"subject": "Thanks", "enabled": false}})),
        );
        let kind = letter::find("receipt").unwrap();
        let view = in_force(kind, &kept);
        assert!(!view.enabled && view.is_custom && view.subject == "Thanks");
        let kept = merged(&kept, &object(json!({"receipt": {"subject": null, "enabled": true}})));
        assert_eq!(kept, json!({}));
        assert_eq!(in_force(kind, &kept).subject, kind.subject);
    }
}
