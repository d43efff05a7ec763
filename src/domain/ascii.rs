//! Texts of any script in the letters, digits and hyphens that addresses are made of.

use deunicode::deunicode_with_tofu;

/// The text in ASCII characters: what has no counterpart becomes a space.
pub fn written(text: &str) -> String {
    deunicode_with_tofu(text, " ")
}

/// An address made of a text: lower-case letters and digits, other runs become one hyphen; empty where nothing is left, and
/// never longer than `most`.
pub fn slug(text: &str, most: usize) -> String {
    let mut slug = String::new();
    for character in written(text).chars() {
        if slug.len() >= most {
            break;
        }
        if character.is_ascii_alphanumeric() {
            slug.push(character.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(slug.trim_end_matches('-').len());
    slug
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_script_is_written_in_plain_letters() {
        for (text, expected) in [
            ("Desktop App Pro", "desktop-app-pro"),
            ("  Ünïcode — & more!! ", "unicode-more"),
            ("Straße № 1", "strasse-no-1"),
            ("Łódź, naïve café", "lodz-naive-cafe"),
            ("Cafe\u{301}", "cafe"),
            ("Привет, мир", "privet-mir"),
            ("日本語", "ri-ben-yu"),
            ("!!!", ""),
            ("\u{10ffff}", ""),
        ] {
            assert_eq!(slug(text, 60), expected, "{text:?}");
        }
        assert_eq!(slug(&"ab ".repeat(100), 60).len(), 59);
    }
}
