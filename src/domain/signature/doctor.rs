//! The signature doctor: what a receiver has in hand is checked, and where it does not fit, the usual mistakes are tried
//! until one explains it.
//!
//! `verify` names what the sender may have done wrong; here the receiver is the patient: it printed a parsed body again,
//! copied the secret with a blank, or compares base64 with hex.

use super::mistakes::{self, Base, Signed};
use super::verify::{Checked, Diagnosis, Suspicion, parse_t_v1, verify_hex, verify_standard, verify_t_v1};
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
        /// The message's id, which is not signed here.
        id: Option<&'a str>,
        /// Its value.
        header: Option<&'a str>,
    },
    /// Bare hex and its time beside it.
    Hex {
        /// The message's id, which is not signed here.
        id: Option<&'a str>,
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
    /// The same, and the members were sorted.
    Sorted,
    /// The same, and fractions of zero were lost.
    WholeNumbers,
    /// The body is a JSON text within a JSON text.
    Quoted,
    /// A byte order mark was put before the body.
    ByteOrderMark,
    /// Blanks or line ends were added to the body's end or cut off.
    LineEnd,
    /// Another text was signed.
    WrongBase(Base),
    /// There is no secret.
    EmptySecret,
    /// The digest is in capitals.
    UpperCase,
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
            Self::Sorted => {
                "the body's members are in the order of the alphabet: it was parsed and printed again; check the raw bytes"
            }
            Self::WholeNumbers => {
                "the body was parsed and printed again, and numbers such as 5.0 became 5; check the raw bytes as they came"
            }
            Self::Quoted => "the body is a JSON text within a JSON text: it was printed twice; check the raw bytes as they came",
            Self::ByteOrderMark => "a byte order mark stands before the body; check the raw bytes as they came",
            Self::LineEnd => "a line end was added to the body's end or lost; check the raw bytes as they came",
            Self::WrongBase(base) => return write!(f, "the signed text was {base}, which is not what this header signs"),
            Self::EmptySecret => "the secret is empty",
            Self::UpperCase => "the digest is in capitals; it is sent in lower case, and texts are compared letter by letter",
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
    if trimmed(checked.secret).is_empty() {
        return Err(Finding::EmptySecret);
    }
    let Err(diagnosis) = check(scheme, checked) else {
        return if is_upper_case(scheme) {
            Err(Finding::UpperCase)
        } else {
            Ok(())
        };
    };
    if matches!(diagnosis, Diagnosis::TooNew { ahead_s } if ahead_s > MILLISECONDS_AHEAD_S) {
        return Err(Finding::TimeInMilliseconds);
    }
    let is_puzzling = matches!(
        diagnosis,
        Diagnosis::Mismatch(_) | Diagnosis::MalformedSignature | Diagnosis::UnusableSecret
    );
    let found = is_puzzling.then(|| explanation(scheme, checked)).flatten();
    let is_unknown = diagnosis == Diagnosis::Mismatch(Suspicion::Unknown);
    let found = found.or_else(|| is_unknown.then(|| last_guess(scheme, checked)).flatten());
    Err(found.unwrap_or(Finding::Checked(diagnosis)))
}

/// What else may have been signed, and what an altered body looks like that cannot be made right again.
fn last_guess(scheme: &Scheme<'_>, checked: &Checked<'_>) -> Option<Finding> {
    let (digests, time) = digests_of(scheme)?;
    let (Scheme::Standard { id, .. } | Scheme::TV1 { id, .. } | Scheme::Hex { id, .. }) = *scheme;
    let signed = Signed {
        digests: &digests,
        id,
        time: &time,
        secret: checked.secret,
        body: checked.body,
    };
    let base = signed.base().map(Finding::WrongBase);
    base.or_else(|| mistakes::is_sorted(checked.body).then_some(Finding::Sorted))
}

/// The digests of a scheme's header, and the time beside them.
fn digests_of(scheme: &Scheme<'_>) -> Option<(Vec<[u8; 32]>, String)> {
    match *scheme {
        Scheme::Standard {
            timestamp, signature, ..
        } => {
            let entries = signature?
                .split_ascii_whitespace()
                .filter_map(|entry| entry.strip_prefix("v1,"));
            let digests = entries.filter_map(|text| STANDARD.decode(text).ok()?.try_into().ok());
            Some((digests.collect(), timestamp?.trim().to_owned()))
        }
        Scheme::TV1 { header, .. } => {
            let (time, digests) = parse_t_v1(header?).ok()?;
            Some((digests, time.to_string()))
        }
        Scheme::Hex {
            signature, timestamp, ..
        } => {
            let digest = hex::decode(signature?.trim()).ok()?.try_into().ok()?;
            Some((vec![digest], timestamp?.trim().to_owned()))
        }
    }
}

/// Whether a digest in hex has capitals.
fn is_upper_case(scheme: &Scheme<'_>) -> bool {
    let has_capitals = |text: &str| text.bytes().any(|b| b.is_ascii_uppercase());
    match *scheme {
        Scheme::Standard { .. } => false,
        Scheme::TV1 { header, .. } => header.is_some_and(has_capitals),
        Scheme::Hex { signature, .. } => signature.is_some_and(has_capitals),
    }
}

/// The first usual mistake that makes the signature right; the time is another matter.
fn explanation(scheme: &Scheme<'_>, checked: &Checked<'_>) -> Option<Finding> {
    if let Some(finding) = respelt(scheme, checked) {
        return Some(finding);
    }
    let others = mistakes::bodies(checked.body);
    let others = others.iter().map(|(body, finding)| (body.as_slice(), Some(*finding)));
    let bodies = std::iter::once((checked.body, None)).chain(others);
    let prefixed = format!("whsec_{}", trimmed(checked.secret));
    let secrets = [
        (checked.secret, None),
        (trimmed(checked.secret), Some(Finding::PaddedSecret)),
        (prefixed.as_str(), Some(Finding::BareSecret)),
    ];
    for (body, change) in bodies {
        for (secret, mistake) in secrets {
            let other = Checked {
                secret,
                body,
                ..*checked
            };
            if is_right(check(scheme, &other)) {
                return mistake.or(change);
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
        Scheme::TV1 { header, .. } => {
            let (time, text) = header?.split_once(",v1=")?;
            let respelt = format!("{time},v1={}", hex_of(text)?);
            is_right(verify_t_v1(Some(&respelt), checked)).then_some(Finding::Base64ForHex)
        }
        Scheme::Hex {
            signature, timestamp, ..
        } => {
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
        Scheme::TV1 { header, .. } => verify_t_v1(header, checked),
        Scheme::Hex {
            signature, timestamp, ..
        } => verify_hex(signature, timestamp, checked),
    }
}

fn is_right(checked: Result<(), Diagnosis>) -> bool {
    matches!(checked, Ok(()) | Err(Diagnosis::TooOld { .. } | Diagnosis::TooNew { .. }))
}

fn trimmed(secret: &str) -> &str {
    secret.trim().trim_matches(['"', '\'', '\u{feff}']).trim()
}

/// Checks what a receiver has in hand at a moment of its clock; a shorthand for tests and commands.
pub fn at<'a>(secret: &'a str, body: &'a [u8], now: Timestamp) -> Checked<'a> {
    Checked { secret, body, now }
}
