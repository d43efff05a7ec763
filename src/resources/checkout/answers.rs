//! A buyer's answers to a product's questions.

use crate::domain::{Error, Result};
use entities::product;
use serde_json::{Map, Value};

/// The most characters of an answer where the question names no other bound.
const LENGTH_MAX: u64 = 500;

/// Refuses answers to what was not asked, and questions that must be answered and are not, or not as they are to be.
///
/// # Errors
/// `Validation`, by the question's id.
pub(super) fn check(product: &product::Model, given: Option<&Value>) -> Result<()> {
    let asked = product.attributes.get("custom_checkout_fields").and_then(Value::as_array);
    let asked = asked.map_or(&[][..], Vec::as_slice);
    let none = Map::new();
    let given = given.and_then(Value::as_object).unwrap_or(&none);
    let id_of = |question: &Value| {
        question
            .get("id")
            .and_then(Value::as_str)
            .map(str::to_owned)
            .unwrap_or_default()
    };
    if let Some(id) = given.keys().find(|id| !asked.iter().any(|question| id_of(question) == **id)) {
        return Err(wrong(id, "unknown", "is not asked by this product"));
    }
    for question in asked {
        let id = id_of(question);
        let answer = match given.get(&id) {
            None | Some(Value::Null) => "",
            Some(Value::String(text)) => text.trim(),
            Some(_) => return Err(wrong(&id, "type", "must be a text")),
        };
        judge(question, &id, answer)?;
    }
    Ok(())
}

fn judge(question: &Value, id: &str, answer: &str) -> Result<()> {
    let is_required = question.get("required").and_then(Value::as_bool).unwrap_or(false);
    if answer.is_empty() {
        return match is_required {
            true => Err(wrong(id, "required", "must be answered")),
            false => Ok(()),
        };
    }
    let longest = question.get("max_length").and_then(Value::as_u64).unwrap_or(LENGTH_MAX);
    if u64::try_from(answer.chars().count()).is_ok_and(|length| length > longest) {
        return Err(wrong(id, "max", "is too long"));
    }
    match question.get("type").and_then(Value::as_str) {
        Some("email") if !is_email(answer) => Err(wrong(id, "email", "must be an e-mail address")),
        Some("domain") if !is_domain(answer) => Err(wrong(id, "domain", "must be a domain, such as example.com")),
        _ => Ok(()),
    }
}

fn wrong(id: &str, rule: &'static str, what: &str) -> Error {
    Error::field(format!("custom_fields.{id}"), rule, format!("`{id}` {what}"))
}

fn is_email(text: &str) -> bool {
    let (name, domain) = text.rsplit_once('@').unwrap_or_default();
    let is_plain = |c: char| !c.is_whitespace() && !c.is_control() && c != '@' && c != ',';
    !name.is_empty() && name.chars().all(is_plain) && is_domain(domain)
}

/// Whether a text is a name of the network with a dot in it, in letters of any language.
fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        let is_inner = |c: char| c.is_alphanumeric() || c == '-';
        (1..=63).contains(&label.len()) && label.chars().all(is_inner) && !label.starts_with('-') && !label.ends_with('-')
    };
    let has_word_end = text
        .rsplit('.')
        .next()
        .is_some_and(|last| last.chars().any(char::is_alphabetic));
    text.len() <= 253 && text.contains('.') && has_word_end && text.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_and_addresses_are_told_from_other_texts() {
        for good in ["example.com", "a.b-c.example", "müller.example"] {
            assert!(is_domain(good), "{good}");
            assert!(is_email(&format!("ann@{good}")), "{good}");
        }
        for bad in [
            "",
            "example",
            "http://example.com",
            "-a.com",
            "a..com",
            "a b.com",
            "1.2.3.4",
            "example.com/path",
        ] {
            assert!(!is_domain(bad), "{bad}");
            assert!(!is_email(&format!("ann@{bad}")), "{bad}");
        }
        for bad in ["ann", "@example.com", "ann @example.com", "a@b@example.com"] {
            assert!(!is_email(bad), "{bad}");
        }
    }
}
