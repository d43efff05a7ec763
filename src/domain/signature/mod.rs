//! What is signed, how, and how a receiver checks it.
//!
//! Two schemes go out side by side. The brand's own: HMAC-SHA256 over `timestamp.body`, keyed with the secret's whole text,
//! in lower-case hex, bare or as `t=..,v1=..`. Standard Webhooks: HMAC-SHA256 over `id.timestamp.body`, keyed with the
//! decoded part after `whsec_`, as `v1,` and base64. Checking is in `verify`.

pub mod doctor;
#[cfg(test)]
mod doctor_tests;
mod mistakes;
#[cfg(test)]
mod tests;
mod verify;

pub use mistakes::Base;
pub use verify::{Checked, Diagnosis, Suspicion, TOLERANCE_S, parse_t_v1, verify_hex, verify_standard, verify_t_v1};

use super::secret::SECRET_PREFIX;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// HMAC-SHA256 over the joined parts (RFC 2104).
pub fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        // The type allows a refusal for ciphers of fixed key length; HMAC takes any.
        return [0; 32];
    };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// The bare brand signature: lower-case hex over `timestamp.body`. While a secret rotates, give the old one.
pub fn brand_hex(secret: &str, timestamp_s: i64, body: &[u8]) -> String {
    hex::encode(brand(secret, timestamp_s, body))
}

/// The `t=..,v1=..` header, without blanks since receivers split on the signs; one `v1` per secret, in the order given.
///
/// Give the newest first and the old one last: one published receiver reads only the last.
pub fn t_v1(secrets: &[&str], timestamp_s: i64, body: &[u8]) -> String {
    let mut header = format!("t={timestamp_s}");
    for secret in secrets {
        header.push_str(",v1=");
        header.push_str(&brand_hex(secret, timestamp_s, body));
    }
    header
}

/// The `webhook-signature` header of Standard Webhooks, one entry per secret, joined by blanks.
///
/// A secret whose remainder is not base64 cannot key this scheme and is left out; `None` if that leaves nothing.
pub fn standard(secrets: &[&str], id: &str, timestamp_s: i64, body: &[u8]) -> Option<String> {
    let entries: Vec<_> = secrets
        .iter()
        .filter_map(|secret| standard_key(secret))
        .map(|key| format!("v1,{}", STANDARD.encode(standard_mac(&key, id, timestamp_s, body))))
        .collect();
    (!entries.is_empty()).then(|| entries.join(" "))
}

/// The key of Standard Webhooks in a secret: what follows `whsec_`, base64-decoded; `None` if that is not base64 or empty.
pub fn standard_key(secret: &str) -> Option<Zeroizing<Vec<u8>>> {
    let encoded = secret.strip_prefix(SECRET_PREFIX).unwrap_or(secret).trim_end_matches('=');
    let key = STANDARD_NO_PAD.decode(encoded).ok().filter(|key| !key.is_empty())?;
    Some(Zeroizing::new(key))
}

fn brand(secret: &str, timestamp_s: i64, body: &[u8]) -> [u8; 32] {
    hmac_sha256(secret.as_bytes(), &[timestamp_s.to_string().as_bytes(), b".", body])
}

fn standard_mac(key: &[u8], id: &str, timestamp_s: i64, body: &[u8]) -> [u8; 32] {
    hmac_sha256(key, &[id.as_bytes(), b".", timestamp_s.to_string().as_bytes(), b".", body])
}
