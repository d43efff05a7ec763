//! The last gate before the log: cuts whatever has the form of a secret, wherever in a line it stands.
//!
//! Call sites do not log secrets; this is for the day one does, or a library does it for them.

use std::io::{self, Write};

/// Characters kept of a secret, enough to find its row by the key prefix.
const KEPT: usize = 12;
/// From this many on, characters after a prefix such as `fo_live_` are taken for a secret.
const SECRET_MIN: usize = 24;
/// From this many on, hex digits are taken for a secret even without a prefix; ids have at most 32.
const BARE_MIN: usize = 40;

/// Redacts what passes through; the subscriber writes a whole line at once.
pub(super) struct Redacting<W> {
    inner: W,
}

impl<W: Write> Redacting<W> {
    pub(super) fn new(inner: W) -> Self {
        Self { inner }
    }
}

impl<W: Write> Write for Redacting<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        match std::str::from_utf8(line) {
            Ok(text) => self.inner.write_all(redacted(text).as_bytes())?,
            Err(_) => self.inner.write_all(line)?,
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

fn redacted(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_of_word) {
        let (before, from) = rest.split_at(start);
        // The base64 text of a signing secret goes on past what ends other words.
        let ends = match from.starts_with("whsec_") {
            true => |c| !is_of_word(c) && !matches!(c, '+' | '/' | '='),
            false => |c| !is_of_word(c),
        };
        let (word, after) = from.split_at(from.find(ends).unwrap_or(from.len()));
        out.push_str(before);
        match is_secret(word) {
            true => {
                out.extend(word.chars().take(KEPT));
                out.push_str("***");
            }
            false => out.push_str(word),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

fn is_of_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// Two forms: short lower-case words joined by `_` and then a long tail with digits, or many hex digits alone.
fn is_secret(word: &str) -> bool {
    let (prefix, tail) = word.rsplit_once('_').map_or(("", word), |(prefix, tail)| (prefix, tail));
    let digits = tail.bytes().any(|b| b.is_ascii_digit());
    if prefix.is_empty() {
        return digits && tail.len() >= BARE_MIN && tail.bytes().all(|b| b.is_ascii_hexdigit());
    }
    let named = prefix.len() <= 16 && prefix.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    // `evt_` and its like are public ids of 32 hex digits.
    let public = ["evt", "evd", "org", "req"].contains(&prefix);
    named && !public && digits && tail.len() >= SECRET_MIN
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_secrets_are_cut_wherever_they_stand() {
        let hex = "0123456789abcdef".repeat(4);
        let line = format!(r#"{{"authorization":"Bearer fo_live_{hex}","admin":"{hex}","s":"whsec_c2Vj/mV0c2VjcmV0c2VjcmV0"}}"#);
        let cut = redacted(&line);
        assert_eq!(
            cut,
            r#"{"authorization":"Bearer fo_live_0123***","admin":"0123456789ab***","s":"whsec_c2Vj/m***"}"#
        );
    }

    #[test]
    fn ids_paths_and_prose_pass() {
        let line = "GET /api/v1/products/0190b2a4-3c5d-7e8f-9a0b-1c2d3e4f5a6b evt_00112233445566778899aabbccddeeff 200 actor_restarts_total=12 é";
        assert_eq!(redacted(line), line);
    }

    #[test]
    fn a_line_passes_whole_through_the_writer() {
        let mut out = Redacting::new(Vec::new());
        out.write_all(format!("token=fos_{}\n", "ab12".repeat(16)).as_bytes())
            .unwrap();
        assert_eq!(out.inner, b"token=fos_ab12ab12***\n");
    }
}
