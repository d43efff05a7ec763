//! The receiver's side: used by the built-in receiver's verdict, the demonstration and the doctor.
//!
//! A bare "invalid" helps nobody, so a mismatch is examined for the usual mistakes and the verdict names the one found.

use super::{brand, hmac_sha256, standard_key, standard_mac};
use crate::domain::time::Timestamp;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt;
use subtle::ConstantTimeEq;

/// How far a signature's time may lie from the receiver's, either way, in seconds.
pub const TOLERANCE_S: i64 = 300;

/// Most signatures of one header that are looked at; a rotation needs two.
const SIGNATURES_MAX: usize = 16;

/// What of a request is checked.
#[derive(Clone, Copy, Debug)]
pub struct Checked<'a> {
    /// The secret's whole text.
    pub secret: &'a str,
    /// The raw bytes, as received.
    pub body: &'a [u8],
    /// The receiver's time.
    pub now: Timestamp,
}

/// Why a signature is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Diagnosis {
    /// The signature header is missing or empty.
    MissingSignature,
    /// The timestamp is missing.
    MissingTimestamp,
    /// The message id is missing.
    MissingId,
    /// The timestamp is not whole seconds.
    MalformedTimestamp,
    /// The header holds no signature of the known form.
    MalformedSignature,
    /// The secret cannot key this scheme: what follows `whsec_` is not base64.
    UnusableSecret,
    /// The digest is right but the time is too long ago.
    TooOld {
        /// How long ago, in seconds.
        age_s: i64,
    },
    /// The digest is right but the time is too far ahead.
    TooNew {
        /// How far ahead, in seconds.
        ahead_s: i64,
    },
    /// The digest differs, for this likely reason.
    Mismatch(Suspicion),
}

/// What a differing digest looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suspicion {
    /// No known mistake: another secret, or the body was changed.
    Unknown,
    /// The body alone was signed, without the time.
    BodyAlone,
    /// The key was the decoded part of the secret where its whole text is meant.
    DecodedKey,
    /// The key was the whole text where the decoded part is meant.
    WholeTextKey,
    /// The key was the text after `whsec_`, not decoded.
    RemainderTextKey,
    /// The body was signed without its last line end, or the other way round.
    LineEnd,
    /// The time was signed in milliseconds.
    Milliseconds,
}

impl fmt::Display for Suspicion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "another secret was used or the body was changed on the way; compare the raw bytes",
            Self::BodyAlone => "the body alone was signed; the timestamp belongs to the signed text",
            Self::DecodedKey => "the decoded secret was the key; use its whole text, whsec_ included",
            Self::WholeTextKey => "the secret's whole text was the key; use the base64-decoded part after whsec_",
            Self::RemainderTextKey => "the text after whsec_ was the key as it stands; decode it, or use the whole text",
            Self::LineEnd => "a line end at the body's end was added or lost; sign the raw bytes",
            Self::Milliseconds => "the time was signed in milliseconds; use whole seconds",
        })
    }
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingSignature => f.write_str("the signature header is missing"),
            Self::MissingTimestamp => f.write_str("the timestamp is missing"),
            Self::MissingId => f.write_str("the message id is missing"),
            Self::MalformedTimestamp => f.write_str("the timestamp is not whole seconds"),
            Self::MalformedSignature => f.write_str("the header holds no signature of the known form"),
            Self::UnusableSecret => f.write_str("what follows whsec_ in the secret is not base64"),
            Self::TooOld { age_s } => write!(
                f,
                "the signature is right but {age_s} s old; at most {TOLERANCE_S} s are accepted"
            ),
            Self::TooNew { ahead_s } => write!(f, "the signature is right but {ahead_s} s ahead of this clock"),
            Self::Mismatch(why) => write!(f, "the signature does not match: {why}"),
        }
    }
}

/// Checks a bare hex signature and its timestamp header.
pub fn verify_hex(signature: Option<&str>, timestamp: Option<&str>, checked: &Checked<'_>) -> Result<(), Diagnosis> {
    let signature = present(signature).ok_or(Diagnosis::MissingSignature)?;
    let timestamp_s = seconds(timestamp)?;
    let given = digest_of_hex(signature).ok_or(Diagnosis::MalformedSignature)?;
    verify_brand(&[given], timestamp_s, checked)
}

/// Checks a `t=..,v1=..` header: parts in any order, unknown ones ignored, any of several `v1` suffices.
pub fn verify_t_v1(header: Option<&str>, checked: &Checked<'_>) -> Result<(), Diagnosis> {
    let (timestamp_s, given) = parse_t_v1(present(header).ok_or(Diagnosis::MissingSignature)?)?;
    verify_brand(&given, timestamp_s, checked)
}

/// Reads a `t=..,v1=..` header into its time, in seconds, and its digests.
pub fn parse_t_v1(header: &str) -> Result<(i64, Vec<[u8; 32]>), Diagnosis> {
    let mut timestamp = None;
    let mut given = Vec::new();
    for part in header.split(',') {
        match part.trim().split_once('=') {
            Some(("t", text)) => timestamp = Some(text),
            Some(("v1", text)) if given.len() < SIGNATURES_MAX => given.extend(digest_of_hex(text)),
            _ => {}
        }
    }
    let timestamp_s = seconds(timestamp)?;
    if given.is_empty() {
        return Err(Diagnosis::MalformedSignature);
    }
    Ok((timestamp_s, given))
}

/// Checks the three headers of Standard Webhooks.
pub fn verify_standard(
    id: Option<&str>,
    timestamp: Option<&str>,
    signature: Option<&str>,
    checked: &Checked<'_>,
) -> Result<(), Diagnosis> {
    let signature = present(signature).ok_or(Diagnosis::MissingSignature)?;
    let id = present(id).ok_or(Diagnosis::MissingId)?;
    let timestamp_s = seconds(timestamp)?;
    let key = standard_key(checked.secret).ok_or(Diagnosis::UnusableSecret)?;
    let given: Vec<[u8; 32]> = signature
        .split_ascii_whitespace()
        .take(SIGNATURES_MAX)
        .filter_map(|entry| entry.strip_prefix("v1,"))
        .filter_map(|text| STANDARD.decode(text).ok()?.try_into().ok())
        .collect();
    if given.is_empty() {
        return Err(Diagnosis::MalformedSignature);
    }
    if is_among(&given, &standard_mac(&key, id, timestamp_s, checked.body)) {
        return within_tolerance(timestamp_s, checked.now);
    }
    let whole = checked.secret.as_bytes();
    let seconds = timestamp_s.to_string();
    let suspects = [
        (standard_mac(whole, id, timestamp_s, checked.body), Suspicion::WholeTextKey),
        (
            standard_mac(remainder(checked.secret), id, timestamp_s, checked.body),
            Suspicion::RemainderTextKey,
        ),
        (
            standard_mac(&key, id, timestamp_s, line_end_toggled(checked.body).as_slice()),
            Suspicion::LineEnd,
        ),
        (
            standard_mac(&key, id, timestamp_s.saturating_mul(1000), checked.body),
            Suspicion::Milliseconds,
        ),
        (hmac_sha256(&key, &[checked.body]), Suspicion::BodyAlone),
        (
            hmac_sha256(whole, &[seconds.as_bytes(), b".", checked.body]),
            Suspicion::WholeTextKey,
        ),
    ];
    Err(Diagnosis::Mismatch(suspicion(&given, &suspects)))
}

fn verify_brand(given: &[[u8; 32]], timestamp_s: i64, checked: &Checked<'_>) -> Result<(), Diagnosis> {
    if is_among(given, &brand(checked.secret, timestamp_s, checked.body)) {
        return within_tolerance(timestamp_s, checked.now);
    }
    let whole = checked.secret.as_bytes();
    let seconds = timestamp_s.to_string();
    let signed = |key: &[u8]| hmac_sha256(key, &[seconds.as_bytes(), b".", checked.body]);
    let mut suspects = vec![
        (hmac_sha256(whole, &[checked.body]), Suspicion::BodyAlone),
        (signed(remainder(checked.secret)), Suspicion::RemainderTextKey),
        (
            brand(checked.secret, timestamp_s, &line_end_toggled(checked.body)),
            Suspicion::LineEnd,
        ),
        (
            brand(checked.secret, timestamp_s.saturating_mul(1000), checked.body),
            Suspicion::Milliseconds,
        ),
    ];
    if let Some(key) = standard_key(checked.secret) {
        suspects.push((signed(&key), Suspicion::DecodedKey));
    }
    Err(Diagnosis::Mismatch(suspicion(given, &suspects)))
}

/// The time is judged after the digest, so that the verdict on a forged time is "mismatch".
fn within_tolerance(timestamp_s: i64, now: Timestamp) -> Result<(), Diagnosis> {
    let age_s = now.seconds().saturating_sub(timestamp_s);
    match age_s {
        _ if age_s > TOLERANCE_S => Err(Diagnosis::TooOld { age_s }),
        _ if age_s < -TOLERANCE_S => Err(Diagnosis::TooNew {
            ahead_s: age_s.saturating_neg(),
        }),
        _ => Ok(()),
    }
}

fn suspicion(given: &[[u8; 32]], suspects: &[([u8; 32], Suspicion)]) -> Suspicion {
    let found = suspects.iter().find(|(digest, _)| is_among(given, digest));
    found.map_or(Suspicion::Unknown, |(_, why)| *why)
}

fn is_among(given: &[[u8; 32]], expected: &[u8; 32]) -> bool {
    given.iter().any(|digest| digest.ct_eq(expected).into())
}

fn present(header: Option<&str>) -> Option<&str> {
    header.map(str::trim).filter(|text| !text.is_empty())
}

fn seconds(timestamp: Option<&str>) -> Result<i64, Diagnosis> {
    let text = present(timestamp).ok_or(Diagnosis::MissingTimestamp)?;
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Diagnosis::MalformedTimestamp);
    }
    text.parse().map_err(|_| Diagnosis::MalformedTimestamp)
}

fn digest_of_hex(text: &str) -> Option<[u8; 32]> {
    let mut digest = [0_u8; 32];
    hex::decode_to_slice(text.trim(), &mut digest).ok()?;
    Some(digest)
}

fn remainder(secret: &str) -> &[u8] {
    secret.strip_prefix(super::SECRET_PREFIX).unwrap_or(secret).as_bytes()
}

fn line_end_toggled(body: &[u8]) -> Vec<u8> {
    match body.strip_suffix(b"\n") {
        Some(cut) => cut.to_vec(),
        None => [body, b"\n"].concat(),
    }
}
