//! Names of files: what an uploader calls one, made fit for a header, a path and a disk.

use crate::domain::ascii;

/// Longest name kept, in bytes.
const NAME_MAX: usize = 120;

/// The name as people may see it: no folders, no control or direction characters, never empty, never hidden.
pub fn shown(given: &str) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = last.chars().filter(|character| !is_unfit(*character)).collect();
    let clean = clean.trim().trim_start_matches('.').trim_end_matches(['.', ' ']);
    let clean = shortened(clean);
    match clean.is_empty() {
        true => "file".to_owned(),
        false => clean,
    }
}

/// The same in letters, digits, full stops, hyphens and underscores alone, for addresses.
pub fn plain(given: &str) -> String {
    let mut name = String::new();
    for character in ascii::written(&shown(given)).chars() {
        match character {
            '.' if name.ends_with('.') => {}
            'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '_' | '-' => name.push(character),
            _ if name.ends_with('-') => {}
            _ => name.push('-'),
        }
    }
    let name = shortened(name.trim_matches(['-', '.']));
    match name.is_empty() {
        true => "file".to_owned(),
        false => name,
    }
}

/// `Content-Disposition` that has the file saved under its name (RFC 6266).
pub fn disposition(given: &str) -> String {
    let (shown, plain) = (shown(given), plain(given));
    match shown == plain {
        true => format!("attachment; filename=\"{plain}\""),
        false => format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{}", encoded(&shown)),
    }
}

/// A media type that is safe to send back, else bytes of no kind.
pub fn media_type(given: Option<&str>) -> String {
    let fits = |text: &&str| {
        let is_token = |part: &str| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&byte))
        };
        text.len() <= 100
            && text
                .split_once('/')
                .is_some_and(|(kind, sub)| is_token(kind) && is_token(sub))
    };
    given.filter(fits).unwrap_or("application/octet-stream").to_ascii_lowercase()
}

/// Control characters, and those that turn the direction of reading or have no width.
fn is_unfit(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Cut to the bound, its ending kept.
fn shortened(name: &str) -> String {
    if name.len() <= NAME_MAX {
        return name.to_owned();
    }
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let ending = if ending.len() <= 16 { ending } else { "" };
    let room = NAME_MAX - ending.len() - 1;
    let cut = (0..=room).rev().find(|at| name.is_char_boundary(*at)).unwrap_or(0);
    match ending {
        "" => name[..cut].to_owned(),
        _ => format!("{}.{ending}", name[..cut].trim_end_matches('.')),
    }
}

/// Percent-encoded as RFC 8187 wants it.
fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'_' | b'-' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn odd_names_become_harmless_ones() {
        for (given, shown_as, plain_as) in [
            ("skill.zip", "skill.zip", "skill.zip"),
            ("../../etc/passwd", "passwd", "passwd"),
            ("C:\\windows\\evil.exe", "evil.exe", "evil.exe"),
            ("..", "file", "file"),
            ("", "file", "file"),
            (".htaccess", "htaccess", "htaccess"),
            ("a\r\nSet-Cookie: x.zip", "aSet-Cookie: x.zip", "aSet-Cookie-x.zip"),
            ("Ünïcode name.zip", "Ünïcode name.zip", "Unicode-name.zip"),
            ("日本.zip", "日本.zip", "Ri-Ben-.zip"),
            ("a...b.zip", "a...b.zip", "a.b.zip"),
            ("\u{10ffff}", "\u{10ffff}", "file"),
            ("a\"b;c.zip", "a\"b;c.zip", "a-b-c.zip"),
        ] {
            assert_eq!(
                (shown(given).as_str(), plain(given).as_str()),
                (shown_as, plain_as),
                "{given:?}"
            );
        }
        let long = plain(&format!("{}.tar", "x".repeat(500)));
        assert!(long.len() <= NAME_MAX && long.ends_with(".tar"), "{long}");
        assert_eq!(
            disposition("é.zip"),
            "attachment; filename=\"e.zip\"; filename*=UTF-8''%C3%A9.zip"
        );
    }

    #[test]
    fn a_media_type_is_one_or_none() {
        assert_eq!(media_type(Some("application/ZIP")), "application/zip");
        for bad in [None, Some("text"), Some("text/html; charset=x"), Some("a/b\r\nx"), Some("/")] {
            assert_eq!(media_type(bad), "application/octet-stream");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_given_a_plain_name_is_plain(given in "\\PC*") {
            let name = plain(&given);
            prop_assert!(!name.is_empty() && name.len() <= NAME_MAX && !name.starts_with('.') && !name.contains(".."));
            prop_assert!(name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte)));
            prop_assert!(disposition(&given).bytes().all(|byte| (32..127).contains(&byte)));
        }
    }
}
