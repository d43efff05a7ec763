//! Spelling of member names: neutral names are snake_case, a dialect may write camelCase.

use serde::Deserialize;

/// How a dialect spells names made of several words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Casing {
    /// `created_at`.
    #[default]
    Snake,
    /// `createdAt`.
    Camel,
}

impl Casing {
    /// Spells a name, given in either form, in this one.
    pub fn apply(self, name: &str) -> String {
        match self {
            Self::Snake => to_snake(name),
            Self::Camel => to_camel(name),
        }
    }
}

/// Spells a name in snake_case: each capital starts a word.
pub fn to_snake(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            if !out.is_empty() && !out.ends_with(['_', '.']) {
                out.push('_');
            }
            out.push(letter.to_ascii_lowercase());
        } else {
            out.push(letter);
        }
    }
    out
}

/// Spells a name in camelCase: an underscore between two words raises the letter after it.
pub fn to_camel(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut raise = false;
    for letter in name.chars() {
        if letter == '_' && !out.is_empty() {
            raise = true;
        } else if std::mem::take(&mut raise) {
            out.push(letter.to_ascii_uppercase());
        } else {
            out.push(letter);
        }
    }
    out
}

/// Turns a name into the words a message begins with: `keyPrefix` becomes `Key prefix`.
pub(super) fn label(name: &str) -> String {
    let mut words = to_snake(name).replace(['_', '.'], " ");
    if let Some(first) = words.get_mut(0..1) {
        first.make_ascii_uppercase();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spells_both_ways() {
        assert_eq!(to_camel("rate_limit_per_minute"), "rateLimitPerMinute");
        assert_eq!(to_snake("rateLimitPerMinute"), "rate_limit_per_minute");
        assert_eq!(to_camel("_sellf_id"), "_sellfId");
        assert_eq!(label("keyPrefix"), "Key prefix");
        assert_eq!(Casing::Snake.apply("alreadySnake_case"), "already_snake_case");
    }

    proptest! {
        #[test]
        fn camel_and_back_is_the_same(name in "[a-z][a-z0-9]{0,6}(_[a-z][a-z0-9]{0,6}){0,4}") {
            prop_assert_eq!(to_snake(&to_camel(&name)), name);
        }
    }
}
