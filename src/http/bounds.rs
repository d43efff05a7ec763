//! What no request may hold, whatever it is for: told before a handler, a database or a log meets it.
//!
//! The HTTP parser has bounds of its own, four times as wide, beyond which it closes the connection without a word.

use crate::domain::{Code, Error, Result};
use actix_web::HttpRequest;
use serde_json::{Map, Value};

/// Most bytes of all header names and values together.
const HEAD_MAX: usize = 32 * 1024;
/// Most headers; browsers behind two proxies send about thirty.
const HEADERS_MAX: usize = 80;
/// Longest path and query, in bytes.
const TARGET_MAX: usize = 16 * 1024;
/// Deepest nesting of a body. The JSON reader ends at 128, and what is stored is read again from inside an envelope.
const DEPTH_MAX: usize = 64;

/// Judges the request line and the headers.
///
/// # Errors
/// `TooLarge`.
pub fn head(request: &HttpRequest) -> Result<()> {
    let headers = request.headers();
    let bytes: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if bytes > HEAD_MAX || headers.iter().count() > HEADERS_MAX {
        return Err(Error::new(
            Code::TooLarge,
            "The headers are larger than 32 KiB or more than 80.",
        ));
    }
    let target = request.path().len() + request.query_string().len();
    if target > TARGET_MAX {
        return Err(Error::new(Code::TooLarge, "The path and query are larger than 16 KiB."));
    }
    Ok(())
}

/// Judges the decoded query.
///
/// # Errors
/// `Malformed`.
pub fn query(pairs: &[(String, String)]) -> Result<()> {
    match pairs.iter().any(|(name, value)| has_nul(name) || has_nul(value)) {
        true => Err(nul()),
        false => Ok(()),
    }
}

/// Judges the text at a place of the path; one that cannot be stored is the name of nothing.
///
/// # Errors
/// `NotFound`.
pub fn place(text: &str) -> Result<()> {
    match has_nul(text) {
        true => Err(Error::new(Code::NotFound, "There is nothing of that name.")),
        false => Ok(()),
    }
}

/// Judges a body: no text with a NUL, which not every database can store, and no endless nesting.
///
/// # Errors
/// `Malformed`.
pub fn body(members: &Map<String, Value>) -> Result<()> {
    fields(members, DEPTH_MAX)
}

fn fields(members: &Map<String, Value>, depth: usize) -> Result<()> {
    members.iter().try_for_each(|(name, member)| match has_nul(name) {
        true => Err(nul()),
        false => nested(member, depth - 1),
    })
}

fn nested(value: &Value, depth: usize) -> Result<()> {
    if depth == 0 {
        return Err(Error::malformed("The body is nested deeper than 64 levels."));
    }
    match value {
        Value::String(text) if has_nul(text) => Err(nul()),
        Value::Array(items) => items.iter().try_for_each(|item| nested(item, depth - 1)),
        Value::Object(members) => fields(members, depth),
        _ => Ok(()),
    }
}

fn has_nul(text: &str) -> bool {
    text.contains('\0')
}

fn nul() -> Error {
    Error::malformed("A text holds the character NUL (U+0000), which cannot be stored.")
}
