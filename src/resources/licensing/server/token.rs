//! Tokens of machines: JWT, RS256, good for 30 days.

use super::pairs::Ring;
use crate::domain::time::DAY_MS;
use crate::domain::{Error, Result, Timestamp};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// How long a token is good.
const GOOD_S: i64 = 30 * DAY_MS / 1000;
/// With so little left it is renewed.
const RENEWED_S: i64 = 7 * DAY_MS / 1000;

/// What a token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Claims {
    /// The licence.
    pub license_key: String,
    /// The machine.
    pub machine_fingerprint: String,
    /// The product.
    pub product_id: String,
    /// When it was made, in unix seconds.
    pub iat: i64,
    /// Until when it is good.
    pub exp: i64,
}

impl Claims {
    /// Claims that begin now.
    pub fn new(license_key: String, machine_fingerprint: String, product_id: String, now: Timestamp) -> Self {
        let iat = now.seconds();
        Self {
            license_key,
            machine_fingerprint,
            product_id,
            iat,
            exp: iat + GOOD_S,
        }
    }

    /// Until when the token is good.
    pub fn expires_at(&self) -> Timestamp {
        Timestamp::from_seconds(self.exp)
    }

    /// Whether a new one is due: little is left, or the licence is watched and this one is a day old.
    pub fn is_due(&self, is_watched: bool, now: Timestamp) -> bool {
        self.exp - now.seconds() <= RENEWED_S || (is_watched && now.seconds() - self.iat >= DAY_MS / 1000)
    }
}

/// Signs claims with the current pair.
///
/// # Errors
/// `Internal` where the pair does not sign.
pub fn sign(ring: &Ring, claims: &Claims) -> Result<String> {
    let kid = ring.current().map(|key| key.kid.as_str());
    let header = json!({ "alg": "RS256", "typ": "JWT", "kid": kid });
    let claims = serde_json::to_string(claims).map_err(Error::internal)?;
    let text = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header.to_string()),
        URL_SAFE_NO_PAD.encode(claims)
    );
    let signature = URL_SAFE_NO_PAD.encode(ring.sign(text.as_bytes())?);
    Ok(format!("{text}.{signature}"))
}

/// The claims of a token that is ours and has not run out.
pub fn read(ring: &Ring, token: &str, now: Timestamp) -> Option<Claims> {
    let (text, signature) = token.rsplit_once('.')?;
    let (header, claims) = text.split_once('.')?;
    let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()?;
    if header.get("alg")?.as_str()? != "RS256" {
        return None;
    }
    let key = ring.key(header.get("kid")?.as_str()?, now)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &key.public)
        .verify(text.as_bytes(), &signature)
        .ok()?;
    let claims: Claims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
    (claims.exp > now.seconds()).then_some(claims)
}
