//! What a receiver may have made of a body before it checked it, and what else may have been signed in its stead.

use super::doctor::Finding;
use super::{hmac_sha256, standard_key};
use serde_json::Value;
use std::fmt;

/// What a text file may begin with.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Whole numbers of a body that are tried with a fraction of zero; each doubles the work.
const WHOLE_NUMBERS_MAX: usize = 8;

/// A text that is signed by mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// `id.time.body`
    IdTimeBody,
    /// `time.body`
    TimeBody,
    /// `body.time`
    BodyTime,
    /// `timebody`
    TimeBodyJoined,
    /// `id.body`
    IdBody,
    /// `body`
    Body,
}

impl fmt::Display for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::IdTimeBody => "<id>.<time>.<body>",
            Self::TimeBody => "<time>.<body>",
            Self::BodyTime => "<body>.<time>",
            Self::TimeBodyJoined => "<time><body> without a dot",
            Self::IdBody => "<id>.<body>",
            Self::Body => "<body> alone",
        })
    }
}

/// What the digests of a header may have been made of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Signed<'a> {
    pub(super) digests: &'a [[u8; 32]],
    pub(super) id: Option<&'a str>,
    pub(super) time: &'a str,
    pub(super) secret: &'a str,
    pub(super) body: &'a [u8],
}

impl Signed<'_> {
    /// The text that was signed instead, with any reading of the secret.
    pub(super) fn base(&self) -> Option<Base> {
        let (time, body) = (self.time.as_bytes(), self.body);
        let id = self.id.unwrap_or_default().as_bytes();
        let texts: [(Base, &[&[u8]]); 6] = [
            (Base::IdTimeBody, &[id, b".", time, b".", body]),
            (Base::TimeBody, &[time, b".", body]),
            (Base::BodyTime, &[body, b".", time]),
            (Base::TimeBodyJoined, &[time, body]),
            (Base::IdBody, &[id, b".", body]),
            (Base::Body, &[body]),
        ];
        let decoded = standard_key(self.secret);
        let whole = self.secret.as_bytes();
        let keys = [Some(whole), decoded.as_ref().map(|key| key.as_slice())];
        let found = texts.iter().find(|(_, parts)| {
            let mut macs = keys.iter().flatten().map(|key| hmac_sha256(key, parts));
            macs.any(|mac| self.digests.contains(&mac))
        });
        found.map(|(base, _)| *base)
    }
}

/// The bodies that may have been signed where this one is in hand, each with what was done to it.
pub(super) fn bodies(body: &[u8]) -> Vec<(Vec<u8>, Finding)> {
    let mut all = Vec::new();
    if let Some(rest) = body.strip_prefix(BYTE_ORDER_MARK) {
        all.push((rest.to_vec(), Finding::ByteOrderMark));
    }
    let cut = body.trim_ascii_end();
    if cut.len() < body.len() {
        all.push((cut.to_vec(), Finding::LineEnd));
    }
    all.push(([body, b"\n"].concat(), Finding::LineEnd));
    if let Ok(value) = serde_json::from_slice::<Value>(body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body)) {
        if let Value::String(inner) = &value {
            all.push((inner.clone().into_bytes(), Finding::Quoted));
        }
        all.extend(serde_json::to_vec(&value).map(|compact| (compact, Finding::Reprinted)));
        all.extend(with_fractions(&value).into_iter().map(|other| (other, Finding::WholeNumbers)));
    }
    all.retain(|(other, _)| other != body);
    all
}

/// The body with a fraction of zero at some of its whole numbers, as it was before a parser that knows none.
fn with_fractions(value: &Value) -> Vec<Vec<u8>> {
    let count = whole_numbers(value);
    if count == 0 || count > WHOLE_NUMBERS_MAX {
        return Vec::new();
    }
    let choices = 1_u32..(1 << count);
    let printed = choices.filter_map(|choice| {
        let (mut other, mut place) = (value.clone(), 0);
        fractioned(&mut other, choice, &mut place);
        serde_json::to_vec(&other).ok()
    });
    printed.collect()
}

fn whole_numbers(value: &Value) -> usize {
    match value {
        Value::Number(number) => usize::from(!number.is_f64()),
        Value::Array(items) => items.iter().map(whole_numbers).sum(),
        Value::Object(members) => members.values().map(whole_numbers).sum(),
        _ => 0,
    }
}

/// Gives the whole numbers whose bit is set in `choice` a fraction of zero.
fn fractioned(value: &mut Value, choice: u32, place: &mut u32) {
    match value {
        Value::Number(number) if !number.is_f64() => {
            let is_chosen = choice & (1 << *place) != 0;
            *place += 1;
            if let Some(fraction) = number.as_f64().and_then(serde_json::Number::from_f64).filter(|_| is_chosen) {
                *number = fraction;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| fractioned(item, choice, place)),
        Value::Object(members) => members.values_mut().for_each(|member| fractioned(member, choice, place)),
        _ => {}
    }
}

/// Whether the members of a body stand in the order of the alphabet, which no dialect sends them in.
pub(super) fn is_sorted(body: &[u8]) -> bool {
    let Ok(Value::Object(members)) = serde_json::from_slice(body) else {
        return false;
    };
    members.len() > 1 && members.keys().is_sorted()
}
