//! The signature doctor: what a receiver has in hand is checked, and where it does not fit, the usual mistakes are tried
//! until one explains it.
//!
//! `verify` names what the sender may have done wrong; here the receiver is the patient: it printed a parsed body again,
//! copied the secret with a blank, or compares base64 with hex.

use super::verify::{Checked, Diagnosis, verify_hex, verify_standard, verify_t_v1};
use crate::domain::time::Timestamp;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt;

/// A time this far ahead was written in milliseconds.
const MILLISECONDS_AHEAD_S: i64 = 1_000_000_000_000;

/// The headers of one scheme, as received.
#[derive(Clone, Copy, Debug)]
pub enum Scheme<'a> {
    /// `webhook-id`, `webhook-timestamp`, `webhook-signature`.
    Standard {
        /// The message's id.
        id: Option<&'a str>,
        /// Unix seconds.
        timestamp: Option<&'a str>,
        /// `v1,` and base64, several joined by blanks.
        signature: Option<&'a str>,
    },
    /// One header of the form `t=..,v1=..`.
    TV1 {
        /// Its value.
        header: Option<&'a str>,
    },
    /// Bare hex and its time beside it.
    Hex {
        /// The digest.
        signature: Option<&'a str>,
        /// Unix seconds.
        timestamp: Option<&'a str>,
    },
}

/// Why a delivery is not accepted, as far as that can be found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// What the check itself says.
    Checked(Diagnosis),
    /// The body was parsed and printed again: with its own line breaks or spaces it is another text.
    Reprinted,
    /// There are blanks or quotes around the secret.
    PaddedSecret,
    /// The secret lacks its `whsec_`.
    BareSecret,
    /// The digest is base64 where hex is meant.
    Base64ForHex,
    /// The digest is hex where base64 is meant.
    HexForBase64,
    /// The time is in milliseconds.
    TimeInMilliseconds,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Checked(diagnosis) => return diagnosis.fmt(f),
            Self::Reprinted => {
                "the body was parsed and printed again; check the raw bytes as they came, before any JSON parser touches them"
            }
            Self::PaddedSecret => "there are blanks or quotes around the secret; with them it is another key",
            Self::BareSecret => "the secret lacks its whsec_, which belongs to it",
            Self::Base64ForHex => "the digest is base64, but lower-case hex is meant",
            Self::HexForBase64 => "the digest is hex, but base64 is meant",
            Self::TimeInMilliseconds => "the time is in milliseconds; whole seconds are meant",
        })
    }
}

/// Checks one scheme and, where it does not fit, looks for the reason.
pub fn examine(scheme: &Scheme<'_>, checked: &Checked<'_>) -> Result<(), Finding> {
    let Err(diagnosis) = check(scheme, checked) else {
        return Ok(());
    };
    if matches!(diagnosis, Diagnosis::TooNew { ahead_s } if ahead_s > MILLISECONDS_AHEAD_S) {
        return Err(Finding::TimeInMilliseconds);
    }
    let is_puzzling = matches!(
        diagnosis,
        Diagnosis::Mismatch(_) | Diagnosis::MalformedSignature | Diagnosis::UnusableSecret
    );
    let found = is_puzzling.then(|| explanation(scheme, checked)).flatten();
    Err(found.unwrap_or(Finding::Checked(diagnosis)))
}

/// The first usual mistake that makes the signature right; the time is another matter.
fn explanation(scheme: &Scheme<'_>, checked: &Checked<'_>) -> Option<Finding> {
    if let Some(finding) = respelt(scheme, checked) {
        return Some(finding);
    }
    let compact = reprinted(checked.body);
    let bodies = [Some(checked.body), compact.as_deref()];
    let prefixed = format!("whsec_{}", trimmed(checked.secret));
    let secrets = [
        (checked.secret, None),
        (trimmed(checked.secret), Some(Finding::PaddedSecret)),
        (prefixed.as_str(), Some(Finding::BareSecret)),
    ];
    for (place, body) in bodies.into_iter().enumerate() {
        let Some(body) = body else { continue };
        for (secret, mistake) in secrets {
            let other = Checked {
                secret,
                body,
                ..*checked
            };
            if is_right(check(scheme, &other)) {
                return mistake.or((place > 0).then_some(Finding::Reprinted));
            }
        }
    }
    None
}

/// Whether the digest is right in the other of the two spellings.
fn respelt(scheme: &Scheme<'_>, checked: &Checked<'_>) -> Option<Finding> {
    match *scheme {
        Scheme::Standard {
            id,
            timestamp,
            signature,
        } => {
            let entry = signature?.trim();
            let digest = hex::decode(entry.strip_prefix("v1,").unwrap_or(entry)).ok()?;
            let respelt = format!("v1,{}", STANDARD.encode(digest));
            let other = verify_standard(id, timestamp, Some(&respelt), checked);
            is_right(other).then_some(Finding::HexForBase64)
        }
        Scheme::TV1 { header } => {
            let (time, text) = header?.split_once(",v1=")?;
            let respelt = format!("{time},v1={}", hex_of(text)?);
            is_right(verify_t_v1(Some(&respelt), checked)).then_some(Finding::Base64ForHex)
        }
        Scheme::Hex { signature, timestamp } => {
            let respelt = hex_of(signature?)?;
            is_right(verify_hex(Some(&respelt), timestamp, checked)).then_some(Finding::Base64ForHex)
        }
    }
}

fn hex_of(base64: &str) -> Option<String> {
    let digest = STANDARD.decode(base64.trim()).ok()?;
    Some(hex::encode(&digest))
}

fn check(scheme: &Scheme<'_>, checked: &Checked<'_>) -> Result<(), Diagnosis> {
    match *scheme {
        Scheme::Standard {
            id,
            timestamp,
            signature,
        } => verify_standard(id, timestamp, signature, checked),
        Scheme::TV1 { header } => verify_t_v1(header, checked),
        Scheme::Hex { signature, timestamp } => verify_hex(signature, timestamp, checked),
    }
}

fn is_right(checked: Result<(), Diagnosis>) -> bool {
    matches!(checked, Ok(()) | Err(Diagnosis::TooOld { .. } | Diagnosis::TooNew { .. }))
}

fn trimmed(secret: &str) -> &str {
    secret.trim().trim_matches(['"', '\'']).trim()
}

/// The body as it is sent, without blanks between its members; none where it was sent so or is no JSON.
fn reprinted(body: &[u8]) -> Option<Vec<u8>> {
    let value: serde_json::Value = serde_json::from_slice(body).ok()?;
    let compact = serde_json::to_vec(&value).ok()?;
    (compact != body).then_some(compact)
}

/// Checks what a receiver has in hand at a moment of its clock; a shorthand for tests and commands.
pub fn at<'a>(secret: &'a str, body: &'a [u8], now: Timestamp) -> Checked<'a> {
    Checked { secret, body, now }
}

#[cfg(test)]
mod tests {
    use super::super::{Suspicion, brand_hex, hmac_sha256, standard, t_v1};
    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const BODY: &[u8] = br#"{"id":"evt_1","data":{"price":19.95}}"#;
    const AT_S: i64 = 1_790_000_000;
    const NOW: Timestamp = Timestamp::from_seconds(AT_S);

    fn brand(header: &str, secret: &str, body: &[u8]) -> Result<(), Finding> {
        examine(&Scheme::TV1 { header: Some(header) }, &at(secret, body, NOW))
    }

    #[test]
    fn what_is_right_is_right() {
        assert_eq!(brand(&t_v1(&[SECRET], AT_S, BODY), SECRET, BODY), Ok(()));
        let seconds = AT_S.to_string();
        let signature = standard(&[SECRET], "evt_1", AT_S, BODY);
        let scheme = Scheme::Standard {
            id: Some("evt_1"),
            timestamp: Some(&seconds),
            signature: signature.as_deref(),
        };
        assert_eq!(examine(&scheme, &at(SECRET, BODY, NOW)), Ok(()));
    }

    #[test]
    fn each_mistake_has_its_name() {
        let header = t_v1(&[SECRET], AT_S, BODY);
        let pretty = b"{\n  \"id\": \"evt_1\",\n  \"data\": {\n    \"price\": 19.95\n  }\n}";
        assert_eq!(brand(&header, SECRET, pretty), Err(Finding::Reprinted));
        assert_eq!(brand(&header, &format!(" \"{SECRET}\"\n"), BODY), Err(Finding::PaddedSecret));
        assert_eq!(brand(&header, &SECRET["whsec_".len()..], BODY), Err(Finding::BareSecret));
        let digest = hmac_sha256(SECRET.as_bytes(), &[AT_S.to_string().as_bytes(), b".", BODY]);
        let base64 = format!("t={AT_S},v1={}", STANDARD.encode(digest));
        assert_eq!(brand(&base64, SECRET, BODY), Err(Finding::Base64ForHex));
        let millis = t_v1(&[SECRET], AT_S * 1000, BODY);
        assert_eq!(brand(&millis, SECRET, BODY), Err(Finding::TimeInMilliseconds));
        let other = brand(&t_v1(&["whsec_other"], AT_S, BODY), SECRET, BODY);
        assert_eq!(other, Err(Finding::Checked(Diagnosis::Mismatch(Suspicion::Unknown))));
        let alone = format!("t={AT_S},v1={}", hex::encode(hmac_sha256(SECRET.as_bytes(), &[BODY])));
        assert_eq!(
            brand(&alone, SECRET, BODY),
            Err(Finding::Checked(Diagnosis::Mismatch(Suspicion::BodyAlone)))
        );
        let old = t_v1(&[SECRET], AT_S - 301, BODY);
        assert_eq!(
            brand(&old, SECRET, BODY),
            Err(Finding::Checked(Diagnosis::TooOld { age_s: 301 }))
        );
    }

    #[test]
    fn the_other_schemes_have_their_mistakes_too() {
        let seconds = AT_S.to_string();
        let digest = STANDARD.encode(hex::decode(brand_hex(SECRET, AT_S, BODY)).unwrap());
        let scheme = Scheme::Hex {
            signature: Some(&digest),
            timestamp: Some(&seconds),
        };
        assert_eq!(examine(&scheme, &at(SECRET, BODY, NOW)), Err(Finding::Base64ForHex));
        let entry = standard(&[SECRET], "evt_1", AT_S, BODY).unwrap();
        let hexed = format!("v1,{}", hex::encode(STANDARD.decode(&entry["v1,".len()..]).unwrap()));
        let scheme = Scheme::Standard {
            id: Some("evt_1"),
            timestamp: Some(&seconds),
            signature: Some(&hexed),
        };
        assert_eq!(examine(&scheme, &at(SECRET, BODY, NOW)), Err(Finding::HexForBase64));
        let scheme = Scheme::Standard {
            id: None,
            timestamp: Some(&seconds),
            signature: Some(&entry),
        };
        assert_eq!(
            examine(&scheme, &at(SECRET, BODY, NOW)),
            Err(Finding::Checked(Diagnosis::MissingId))
        );
    }
}
