//! Signed tokens of sales: `base64url(claims).base64url(signature)`, ECDSA on P-256 over SHA-256, by the seller's own key.
//!
//! The pair is made at a seller's first licence and sealed in his settings. A list, so that a further key may sign while the
//! one before it is still published.

use crate::context::House;
use crate::domain::{Error, Result, Timestamp};
use crate::store::{Tx, settings};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use uuid::Uuid;

const SUBJECT: &str = "license_tokens";
/// What stands before the point of a P-256 key in its DER form (RFC 5480).
const SPKI_PREFIX: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03,
    0x01, 0x07, 0x03, 0x42, 0x00,
];

/// A seller's key.
pub struct TokenKey {
    /// Names it.
    pub kid: String,
    pair: EcdsaKeyPair,
}

/// What a token says.
#[derive(Clone, Debug)]
pub struct Claims {
    /// The product's address.
    pub product: String,
    /// The buyer.
    pub email: String,
    /// The order.
    pub order: Uuid,
    /// What was sold.
    pub tier: Option<String>,
    /// When.
    pub issued_at: Timestamp,
    /// Until when it is good.
    pub expires_at: Option<Timestamp>,
    /// Where it may be used.
    pub domain: Option<String>,
    /// What the buyer filled in, by the field's id.
    pub custom: Vec<(String, Value)>,
}

impl TokenKey {
    /// Signs a token.
    ///
    /// # Errors
    /// `Internal` where the pair does not sign.
    pub fn sign(&self, claims: &Claims) -> Result<String> {
        let mut told = Map::new();
        told.insert("v".to_owned(), 1.into());
        told.insert("kid".to_owned(), self.kid.as_str().into());
        told.insert("product".to_owned(), claims.product.as_str().into());
        told.insert("email".to_owned(), claims.email.as_str().into());
        told.insert("order".to_owned(), claims.order.to_string().into());
        told.insert("tier".to_owned(), json!(claims.tier));
        told.insert("iat".to_owned(), claims.issued_at.seconds().into());
        told.insert("exp".to_owned(), json!(claims.expires_at.map(Timestamp::seconds)));
        if let Some(domain) = &claims.domain {
            told.insert("domain".to_owned(), domain.as_str().into());
        }
        for (name, value) in &claims.custom {
            told.insert(format!("custom_{name}"), value.clone());
        }
        let text = URL_SAFE_NO_PAD.encode(Value::Object(told).to_string());
        let signature = self.pair.sign(&SystemRandom::new(), text.as_bytes());
        let signature = signature.map_err(|_| Error::internal("a licence token was not signed"))?;
        Ok(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    fn pem(&self) -> String {
        let der = [&SPKI_PREFIX[..], self.pair.public_key().as_ref()].concat();
        let lines: Vec<String> = STANDARD
            .encode(der)
            .as_bytes()
            .chunks(64)
            .map(|line| String::from_utf8_lossy(line).into_owned())
            .collect();
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"))
    }
}

/// The key that signs a seller's tokens, as part of a command; made where he has none yet.
///
/// # Errors
/// `Internal` where it was sealed under another master key.
pub async fn within(tx: &Tx, house: &House, tenant: Uuid, now: Timestamp) -> Result<TokenKey> {
    let rng = SystemRandom::new();
    let fresh = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &rng);
    let fresh = fresh.map_err(|_| Error::internal("a key pair was not made"))?;
    let nonce = house.ids.bytes();
    settings::change(tx, tenant, SUBJECT, now, |kept| {
        if !kept.is_array() {
            let kid = hex::encode(house.ids.bytes::<8>());
            let sealed = house.sealer.seal(fresh.as_ref(), nonce, &context(tenant, &kid));
            *kept = json!([{ "kid": kid, "pair_sealed": sealed.map_err(Error::internal)?, "created_at": now.0 }]);
        }
        open_all(house, tenant, kept)?.pop().ok_or_else(unreadable)
    })
    .await
}

/// A seller's keys as anybody may see them.
///
/// # Errors
/// `Internal` where they were sealed under another master key.
pub async fn published(house: &Arc<House>, tenant: Uuid, now: Timestamp) -> Result<Vec<Value>> {
    let mut kept = settings::read(&house.store, tenant, SUBJECT).await?;
    if !kept.is_array() {
        let inside = Arc::clone(house);
        let make = async move |tx: &Tx| within(tx, &inside, tenant, now).await.map(|_| ());
        house.store.command(make).await?;
        kept = settings::read(&house.store, tenant, SUBJECT).await?;
    }
    let keys = open_all(house, tenant, &kept)?;
    Ok(keys
        .iter()
        .map(|key| json!({ "kid": key.kid, "alg": "ES256", "pem": key.pem() }))
        .collect())
}

fn open_all(house: &House, tenant: Uuid, kept: &Value) -> Result<Vec<TokenKey>> {
    let open = |entry: &Value| {
        let kid = entry.get("kid")?.as_str()?.to_owned();
        let bytes = house
            .sealer
            .open(entry.get("pair_sealed")?.as_str()?, &context(tenant, &kid))?;
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &bytes, &SystemRandom::new()).ok()?;
        Some(TokenKey { kid, pair })
    };
    let entries = kept.as_array().map(Vec::as_slice).unwrap_or_default();
    entries.iter().map(|entry| open(entry).ok_or_else(unreadable)).collect()
}

fn context(tenant: Uuid, kid: &str) -> String {
    format!("license_tokens:{tenant}:{kid}")
}

fn unreadable() -> Error {
    Error::internal("the token keys of a seller were sealed under another master key")
}
