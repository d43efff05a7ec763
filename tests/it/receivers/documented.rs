//! One receiver per document; each says why it would refuse.

use crate::harness::Received;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac::{HMAC_SHA256, Key, sign};
use std::collections::HashMap;

/// Seconds that a signature may be off by.
const WINDOW_S: i64 = 300;

/// A receiver's check: the request, the secret it was given, its own clock in seconds.
pub(super) type Check = fn(&Received, &str, i64) -> Result<(), String>;

/// Every document with a receiver, by the dialect it stands for.
pub(super) const DOCUMENTED: [(&str, Check); 6] = [
    ("bigclass", bigclass),
    ("sellf", sellf),
    ("openclaw", openclaw),
    ("licentric", licentric),
    ("cgls", standard),
    ("fondaco", standard),
];

/// The sample in JavaScript: the header is split on commas, each part on its equals sign, and the pairs become an object,
/// so that of several `v1` only the last is seen. Nothing is trimmed.
fn bigclass(request: &Received, secret: &str, now_s: i64) -> Result<(), String> {
    let header = request.header("x-tbc-signature");
    let pairs: HashMap<&str, &str> = header.split(',').filter_map(|part| part.split_once('=')).collect();
    let time = pairs.get("t").copied().ok_or("no t")?;
    is_recent(time, now_s)?;
    let digest = hmac_hex(secret.as_bytes(), &[time.as_bytes(), b".", &request.body]);
    is_same(pairs.get("v1").copied().unwrap_or_default(), &digest)?;
    let body = request.json();
    is_same(request.header("x-tbc-event"), body["type"].as_str().ok_or("no type")?)?;
    let begins = |text: &str, prefix: &str| text.starts_with(prefix).then_some(()).ok_or(format!("{text} lacks {prefix}"));
    begins(request.header("x-tbc-delivery"), "evd_")?;
    begins(body["id"].as_str().ok_or("no id")?, "evt_")?;
    begins(body["workspace_id"].as_str().ok_or("no workspace")?, "org_")?;
    let made_at = body["created_at"].as_str().ok_or("no created_at")?;
    if made_at.len() == 20 && made_at.ends_with('Z') {
        return Ok(());
    }
    Err(format!("{made_at} is not in whole seconds"))
}

/// Parts in any order, unknown ones ignored, any of several `v1`.
fn sellf(request: &Received, secret: &str, now_s: i64) -> Result<(), String> {
    let parts: Vec<_> = request
        .header("x-sellf-signature")
        .split(',')
        .filter_map(|part| part.trim().split_once('='))
        .collect();
    let time = parts.iter().find(|(name, _)| *name == "t").ok_or("no t")?.1;
    is_recent(time, now_s)?;
    let digest = hmac_hex(secret.as_bytes(), &[time.as_bytes(), b".", &request.body]);
    let mut given = parts.iter().filter(|(name, _)| *name == "v1");
    given
        .any(|(_, text)| is_same(text, &digest).is_ok())
        .then_some(())
        .ok_or("no v1 fits")?;
    let body = request.json();
    is_same(request.header("x-sellf-event"), body["event"].as_str().ok_or("no event")?)?;
    let members: Vec<_> = body.as_object().ok_or("no object")?.keys().collect();
    if members == ["event", "timestamp", "data"] {
        Ok(())
    } else {
        Err(format!("members {members:?}"))
    }
}

fn openclaw(request: &Received, secret: &str, now_s: i64) -> Result<(), String> {
    bare_hex(request, ["x-ocb-timestamp", "x-ocb-signature"], secret, now_s)
}

fn licentric(request: &Received, secret: &str, now_s: i64) -> Result<(), String> {
    bare_hex(request, ["x-licentric-timestamp", "x-licentric-signature"], secret, now_s)
}

/// A header with the time, a header with nothing but the digest.
fn bare_hex(request: &Received, [time, signature]: [&str; 2], secret: &str, now_s: i64) -> Result<(), String> {
    let time = request.header(time);
    is_recent(time, now_s)?;
    let digest = hmac_hex(secret.as_bytes(), &[time.as_bytes(), b".", &request.body]);
    is_same(request.header(signature), &digest)
}

/// Standard Webhooks: the secret's remainder is base64, the digest too, and any of several may fit.
pub(super) fn standard(request: &Received, secret: &str, now_s: i64) -> Result<(), String> {
    let key = STANDARD
        .decode(secret.strip_prefix("whsec_").ok_or("no prefix")?)
        .map_err(|error| error.to_string())?;
    let (id, time) = (request.header("webhook-id"), request.header("webhook-timestamp"));
    is_recent(time, now_s)?;
    let digest = hmac(&key, &[id.as_bytes(), b".", time.as_bytes(), b".", &request.body]);
    let expected = format!("v1,{}", STANDARD.encode(digest));
    let mut given = request.header("webhook-signature").split(' ');
    given
        .any(|one| one == expected)
        .then_some(())
        .ok_or_else(|| "no signature fits".to_owned())
}

fn is_recent(time: &str, now_s: i64) -> Result<(), String> {
    let time: i64 = time.parse().map_err(|_| format!("the time is {time:?}"))?;
    if (now_s - time).abs() <= WINDOW_S {
        Ok(())
    } else {
        Err(format!("{} s off", now_s - time))
    }
}

fn is_same(given: &str, expected: &str) -> Result<(), String> {
    if given == expected {
        Ok(())
    } else {
        Err(format!("{given:?} is not {expected:?}"))
    }
}

fn hmac_hex(key: &[u8], parts: &[&[u8]]) -> String {
    hex::encode(hmac(key, parts))
}

fn hmac(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    sign(&Key::new(HMAC_SHA256, key), &parts.concat()).as_ref().to_vec()
}
