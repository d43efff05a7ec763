//! A tenant's own signing keys: Ed25519 for what clients check offline, a shared key for signed answers.
//!
//! Both are made at their first use and sealed with the master key in the tenant's settings. They never change: clients
//! compile the public key in.

use crate::context::House;
use crate::domain::{Error, Result, Timestamp};
use crate::store::{Tx, settings};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use secrecy::SecretString;
use serde_json::{Value, json};
use uuid::Uuid;
use zeroize::Zeroizing;

const SUBJECT: &str = "signing";
/// What stands before the 32 bytes of an Ed25519 public key in its DER form (RFC 8410).
const SPKI_PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// The keys of one tenant.
pub struct SigningKeys {
    pair: Ed25519KeyPair,
    answers: SecretString,
}

/// Chance for keys that may have to be made; drawn outside the command that makes them.
pub struct Draw {
    seed: Zeroizing<[u8; 32]>,
    answers: Zeroizing<[u8; 32]>,
    nonces: [[u8; 12]; 2],
}

impl Draw {
    /// Draws.
    pub fn new(house: &House) -> Self {
        Self {
            seed: Zeroizing::new(house.ids.bytes()),
            answers: Zeroizing::new(house.ids.bytes()),
            nonces: [house.ids.bytes(), house.ids.bytes()],
        }
    }
}

impl SigningKeys {
    /// The public key: base64 of its DER form (SPKI).
    pub fn public_key(&self) -> String {
        let mut der = SPKI_PREFIX.to_vec();
        der.extend_from_slice(self.pair.public_key().as_ref());
        STANDARD.encode(der)
    }

    /// The Ed25519 signature over these bytes.
    pub fn sign(&self, bytes: &[u8]) -> [u8; 64] {
        let mut signature = [0; 64];
        signature.copy_from_slice(self.pair.sign(bytes).as_ref());
        signature
    }

    /// The key whose text signs answers by HMAC: 64 hex digits.
    pub fn answers(&self) -> &SecretString {
        &self.answers
    }

    fn open(house: &House, tenant: Uuid, kept: &Value) -> Option<Self> {
        let opened = |name: &str| house.sealer.open(kept.get(name)?.as_str()?, &context(tenant, name));
        let pair = Ed25519KeyPair::from_seed_unchecked(&opened("ed25519_sealed")?).ok()?;
        let answers = hex::encode(opened("answers_sealed")?.as_slice());
        Some(Self {
            pair,
            answers: SecretString::from(answers),
        })
    }
}

/// The tenant's keys, made now where he has none yet.
///
/// # Errors
/// `Internal` where they were sealed under another master key.
pub async fn of(house: &std::sync::Arc<House>, tenant: Uuid, now: Timestamp) -> Result<SigningKeys> {
    let kept = settings::read(&house.store, tenant, SUBJECT).await?;
    if kept.is_object() {
        return SigningKeys::open(house, tenant, &kept).ok_or_else(unreadable);
    }
    let (inside, draw) = (house.clone(), Draw::new(house));
    house
        .store
        .command(async move |tx| within(tx, &inside, tenant, &draw, now).await)
        .await
}

/// The same, as part of a command.
///
/// # Errors
/// As [`of`].
pub async fn within(tx: &Tx, house: &House, tenant: Uuid, draw: &Draw, now: Timestamp) -> Result<SigningKeys> {
    settings::change(tx, tenant, SUBJECT, now, |kept| {
        if !kept.is_object() {
            let seal = |name: &str, secret: &[u8; 32], nonce| house.sealer.seal(secret, nonce, &context(tenant, name));
            *kept = json!({
                "ed25519_sealed": seal("ed25519_sealed", &draw.seed, draw.nonces[0]).map_err(Error::internal)?,
                "answers_sealed": seal("answers_sealed", &draw.answers, draw.nonces[1]).map_err(Error::internal)?,
            });
        }
        SigningKeys::open(house, tenant, kept).ok_or_else(unreadable)
    })
    .await
}

fn context(tenant: Uuid, name: &str) -> String {
    format!("signing:{tenant}:{name}")
}

fn unreadable() -> Error {
    Error::internal("the signing keys of a tenant were sealed under another master key")
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::signature::{ED25519, UnparsedPublicKey};

    #[test]
    fn the_public_key_is_the_der_form_of_the_one_that_checks() {
        let keys = SigningKeys {
            pair: Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap(),
            answers: SecretString::from("00".repeat(32)),
        };
        let der = STANDARD.decode(keys.public_key()).unwrap();
        assert_eq!(der.len(), 44);
        let public = UnparsedPublicKey::new(&ED25519, &der[12..]);
        assert!(public.verify(b"text", &keys.sign(b"text")).is_ok());
        assert!(public.verify(b"texts", &keys.sign(b"text")).is_err());
    }
}
