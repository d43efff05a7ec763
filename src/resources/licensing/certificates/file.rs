//! The text of signed files: `HEADER.PAYLOAD.SIGNATURE`, each in base64, the signature over the text before it.

use crate::domain::{Error, Result, Timestamp};
use crate::resources::tenants::signing::SigningKeys;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// Signs a payload that is good from one moment to another.
///
/// # Errors
/// `Internal` for a payload that is no JSON.
pub fn signed(keys: &SigningKeys, payload: &Value, from: Timestamp, until: Option<Timestamp>) -> Result<String> {
    let header = json!({
        "version": 1,
        "algorithm": "ed25519",
        "issuedAt": from.millis_text(),
        "expiresAt": until.map(Timestamp::millis_text),
    });
    let part = |value: &Value| {
        serde_json::to_vec(value)
            .map(|text| STANDARD.encode(text))
            .map_err(Error::internal)
    };
    let text = format!("{}.{}", part(&header)?, part(payload)?);
    let signature = STANDARD.encode(keys.sign(text.as_bytes()));
    Ok(format!("{text}.{signature}"))
}

/// The same as a file for people to pass on.
///
/// # Errors
/// As [`signed`].
pub fn certificate(keys: &SigningKeys, payload: &Value, from: Timestamp, until: Timestamp) -> Result<String> {
    let text = signed(keys, payload, from, Some(until))?;
    Ok(format!("-----BEGIN LICENSE FILE-----\n{text}\n-----END LICENSE FILE-----\n"))
}
