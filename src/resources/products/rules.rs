//! Pure decisions about products: states, slugs and the orders a list may have; `selling` about what a product must hold
//! together.

pub mod content;
pub mod selling;

use super::types::UpdateProduct;
use crate::domain::ascii;
use crate::store::names::MARKETPLACE;
use entities::product::{Model, Status};
use serde_json::{Map, Value};

/// Columns a list may be ordered by; anything else falls back to the first, silently (Sellf contract 1.8).
pub const SORTS: &[&str] = &[
    "created_at",
    "updated_at",
    "name",
    "price_minor",
    "slug",
    "is_active",
    "is_featured",
];

/// Longest slug made of a name; one that is given may be longer, so that a number fits behind this one.
const SLUG_MAX: usize = 60;

/// The picture of a product that has none.
pub const ICON: &str = "📦";

/// Name of the counter behind the marketplace's total.
pub const SHELF: &str = "market";

/// The row with its place on the marketplace's shelf: there while it is claimed, live, published, listed and not deleted.
pub fn shelved(row: &Model) -> Model {
    let is_claimed = row.namespace.as_deref() == Some(MARKETPLACE) && row.mode == entities::Mode::Live;
    let is_shown = row.status == Status::Published && row.is_listed && row.deleted_at.is_none();
    let shelved_at = (is_claimed && is_shown).then_some(row.published_at.unwrap_or(row.created_at));
    Model {
        shelved_at,
        ..row.clone()
    }
}

/// The average of some ratings, 0 without any.
pub fn average(sum: i64, count: i64) -> f64 {
    match count {
        0 => 0.0,
        // Far below 2^53.
        count => sum as f64 / count as f64,
    }
}

/// The neutral name of a status.
pub fn status_name(status: Status) -> &'static str {
    match status {
        Status::Draft => "draft",
        Status::Published => "published",
        Status::Archived => "archived",
    }
}

fn status_of(name: &str) -> Option<Status> {
    [Status::Draft, Status::Published, Status::Archived]
        .into_iter()
        .find(|status| status_name(*status) == name)
}

/// Status and listing in one word.
pub fn visibility(status: Status, is_listed: bool) -> &'static str {
    match (status, is_listed) {
        (Status::Draft, _) => "draft",
        (Status::Archived, _) => "archived",
        (Status::Published, true) => "live",
        (Status::Published, false) => "unlisted",
    }
}

/// What status and listing become: each way of saying it counts, the most exact one last.
pub fn state(change: &UpdateProduct, status: Status, is_listed: bool) -> (Status, bool) {
    let mut next = (status, is_listed);
    next.0 = match (change.is_active, status) {
        (Some(true), _) => Status::Published,
        // Switching off what is not on changes nothing: an archived product stays archived.
        (Some(false), Status::Published) => Status::Draft,
        _ => status,
    };
    next.1 = change.is_listed.unwrap_or(next.1);
    next.0 = change.status.as_deref().and_then(status_of).unwrap_or(next.0);
    match change.visibility.as_deref() {
        Some("live") => next = (Status::Published, true),
        Some("unlisted") => next = (Status::Published, false),
        Some(name) => next.0 = status_of(name).unwrap_or(next.0),
        None => {}
    }
    next
}

/// A slug made of a name of any script, at most 60 characters.
pub fn slug_of(name: &str) -> String {
    match ascii::slug(name, SLUG_MAX) {
        slug if slug.is_empty() => "product".to_owned(),
        slug => slug,
    }
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
        use Status::{Archived, Draft, Published};
        let cases = [
            (r#"{"is_active":false}"#, Published, true, (Draft, true)),
            (r#"{"is_active":false}"#, Archived, true, (Archived, true)),
            (r#"{"is_active":true}"#, Draft, false, (Published, false)),
            (r#"{"visibility":"unlisted"}"#, Draft, true, (Published, false)),
            (r#"{"visibility":"archived"}"#, Published, false, (Archived, false)),
            (r#"{"status":"published","is_listed":false}"#, Draft, true, (Published, false)),
            ("{}", Draft, false, (Draft, false)),
        ];
        for (text, status, listed, expected) in cases {
            assert_eq!(state(&change(text), status, listed), expected, "{text}");
        }
    }

    #[test]
    fn slugs_are_made_of_names() {
        assert_eq!(slug_of("Desktop App Pro"), "desktop-app-pro");
        assert_eq!(slug_of("Ünïcode"), "unicode");
        assert_eq!(slug_of("!!!"), "product");
    }
}
