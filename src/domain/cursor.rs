//! Opaque keyset cursors, bound to the order they were cut from.
//!
//! A cursor holds the sort value and the id of the last row of a page. It is opaque, not secret: whoever changes one only
//! moves his own place in his own rows, since every finder is scoped by tenant.

use super::error::{Error, Result};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// Longest cursor text that is read, in bytes: room for a sort value of 200 characters, each escaped to six bytes.
pub const CURSOR_MAX: usize = 2048;

/// A place between two rows of an ordered list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cursor {
    /// The neutral name of the sort field.
    #[serde(rename = "s")]
    pub sort: String,
    /// Whether the list runs downward.
    #[serde(rename = "d")]
    pub descending: bool,
    /// The last row's value in the sort field: text, whole number, truth or null.
    #[serde(rename = "v")]
    pub value: Value,
    /// The last row's id, which breaks ties.
    #[serde(rename = "i")]
    pub id: Uuid,
}

impl Cursor {
    /// Writes the opaque text.
    pub fn encode(&self) -> String {
        // Serialising these four members into memory cannot fail; an empty cursor would be refused on its way back.
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }

    /// Reads a text that was cut from a list of this order; any other text is `Malformed`.
    pub fn decode(text: &str, sort: &str, descending: bool) -> Result<Self> {
        let cursor = Self::read(text).ok_or_else(|| refusal("The cursor is not one of ours."))?;
        if cursor.sort != sort || cursor.descending != descending {
            return Err(refusal("The cursor belongs to another sort order."));
        }
        Ok(cursor)
    }

    fn read(text: &str) -> Option<Self> {
        if text.len() > CURSOR_MAX {
            return None;
        }
        let cursor: Self = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        let is_scalar = match &cursor.value {
            Value::String(_) | Value::Bool(_) | Value::Null => true,
            Value::Number(number) => number.is_i64(),
            Value::Array(_) | Value::Object(_) => false,
        };
        is_scalar.then_some(cursor)
    }
}

fn refusal(message: &'static str) -> Error {
    Error::malformed(message).with_text("invalid_cursor")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Code;
    use proptest::prelude::*;
    use serde_json::json;

    fn cursor(value: Value) -> Cursor {
        Cursor {
            sort: "created_at".to_owned(),
            descending: true,
            value,
            id: Uuid::from_u128(7),
        }
    }

    #[test]
    fn a_cursor_is_good_for_its_own_order_only() {
        let text = cursor(json!(1_790_000_000_000_i64)).encode();
        assert!(Cursor::decode(&text, "created_at", true).is_ok());
        assert!(Cursor::decode(&text, "created_at", false).is_err());
        assert_eq!(Cursor::decode(&text, "name", true).unwrap_err().code, Code::Malformed);
    }

    #[test]
    fn foreign_texts_are_refused() {
        let list = URL_SAFE_NO_PAD.encode(br#"{"s":"created_at","d":true,"v":[1],"i":"00000000-0000-0000-0000-000000000007"}"#);
        let extra =
            URL_SAFE_NO_PAD.encode(br#"{"s":"created_at","d":true,"v":1,"i":"00000000-0000-0000-0000-000000000007","x":1}"#);
        for text in ["", "abc", "!!", &list, &extra, &"A".repeat(CURSOR_MAX + 1)] {
            assert!(Cursor::decode(text, "created_at", true).is_err(), "{text}");
        }
    }

    #[test]
    fn the_longest_sort_value_fits() {
        assert!(cursor(json!("\u{1}".repeat(200))).encode().len() <= CURSOR_MAX);
    }

    proptest! {
        #[test]
        fn text_and_numbers_come_back(text in ".{0,100}", number: i64, id: u128) {
            for value in [json!(text), json!(number), Value::Null] {
                let cut = Cursor { id: Uuid::from_u128(id), ..cursor(value) };
                prop_assert_eq!(Cursor::decode(&cut.encode(), "created_at", true).unwrap(), cut);
            }
        }

        #[test]
        fn reading_never_panics(text in ".{0,200}") {
            let _ = Cursor::decode(&text, "created_at", true);
        }
    }
}
