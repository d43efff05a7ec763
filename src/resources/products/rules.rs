//! Pure decisions about products: states, slugs and the orders a list may have.

use super::types::UpdateProduct;
use serde_json::{Map, Value};

/// State of a product nobody but its owner sees.
pub const DRAFT: &str = "draft";
/// State of a product that is on sale.
pub const PUBLISHED: &str = "published";
/// State of a product that is no longer sold.
pub const ARCHIVED: &str = "archived";

/// Columns a list may be ordered by; anything else falls back to the first, silently (Sellf contract 1.8).
pub const SORTS: &[&str] = &["created_at", "updated_at", "name", "price", "slug", "is_active", "is_featured"];

/// Status and listing in one word.
pub fn visibility(status: &str, is_listed: bool) -> &'static str {
    match (status, is_listed) {
        (DRAFT, _) => "draft",
        (ARCHIVED, _) => "archived",
        (_, true) => "live",
        (_, false) => "unlisted",
    }
}

/// What status and listing become: each way of saying it counts, the most exact one last.
pub fn state(change: &UpdateProduct, status: &str, is_listed: bool) -> (String, bool) {
    let mut next = (status.to_owned(), is_listed);
    if let Some(active) = change.is_active {
        next.0 = match (active, status) {
            (true, _) => PUBLISHED.to_owned(),
            // Switching off what is not on changes nothing: an archived product stays archived.
            (false, PUBLISHED) => DRAFT.to_owned(),
            (false, other) => other.to_owned(),
        };
    }
    if let Some(listed) = change.is_listed {
        next.1 = listed;
    }
    if let Some(status) = &change.status {
        next.0.clone_from(status);
    }
    match change.visibility.as_deref() {
        Some("live") => next = (PUBLISHED.to_owned(), true),
        Some("unlisted") => next = (PUBLISHED.to_owned(), false),
        Some("archived") => next.0 = ARCHIVED.to_owned(),
        Some("draft") => next.0 = DRAFT.to_owned(),
        _ => {}
    }
    next
}

/// A slug made of a name: lower-case letters and digits, other runs become one hyphen, at most 60 characters.
pub fn slug_of(name: &str) -> String {
    let mut slug = String::new();
    for character in name.chars().flat_map(char::to_lowercase) {
        if character.is_ascii_alphanumeric() {
            slug.push(character);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
        if slug.len() >= 60 {
            break;
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "product".to_owned() } else { slug.to_owned() }
}

/// The attributes after a change: members given replace, `null` clears.
pub fn merge_attributes(old: &Value, change: &Map<String, Value>) -> Value {
    let mut merged = old.as_object().cloned().unwrap_or_default();
    for (name, value) in change {
        if value.is_null() {
            merged.remove(name);
        } else {
            merged.insert(name.clone(), value.clone());
        }
    }
    Value::Object(merged)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_saying_the_state_is_understood() {
        let change = |text: &str| serde_json::from_str::<UpdateProduct>(text).unwrap();
        let cases = [
            (r#"{"is_active":false}"#, "published", true, ("draft", true)),
            (r#"{"is_active":false}"#, "archived", true, ("archived", true)),
            (r#"{"is_active":true}"#, "draft", false, ("published", false)),
            (r#"{"visibility":"unlisted"}"#, "draft", true, ("published", false)),
            (r#"{"visibility":"archived"}"#, "published", false, ("archived", false)),
            (r#"{"status":"published","is_listed":false}"#, "draft", true, ("published", false)),
            ("{}", "draft", false, ("draft", false)),
        ];
        for (text, status, listed, expected) in cases {
            let (next, is_listed) = state(&change(text), status, listed);
            assert_eq!((next.as_str(), is_listed), expected, "{text}");
        }
    }

    #[test]
    fn slugs_are_made_of_names() {
        assert_eq!(slug_of("Desktop App Pro"), "desktop-app-pro");
        assert_eq!(slug_of("  Ünïcode — & more!! "), "n-code-more");
        assert_eq!(slug_of("日本"), "product");
        assert!(slug_of(&"ab ".repeat(100)).len() <= 60);
    }
}
