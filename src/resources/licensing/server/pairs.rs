//! The pairs that sign tokens: one at a time, a new one every 90 days, the older ones published until every token of theirs
//! has run out. The root pair is made once; what it signs is the public key's PEM text as it is published.

use super::{rsa, store};
use crate::context::House;
use crate::domain::time::DAY_MS;
use crate::domain::{Error, Result, Timestamp};
use crate::store::Tx;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use entities::license_server_key::Model;
use ring::rand::SystemRandom;
use ring::signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::Mutex;
use uuid::Uuid;

/// How long a pair signs.
const SIGNS_MS: i64 = 90 * DAY_MS;
/// How much longer it is published: a token's 30 days, and some for clocks.
const CHECKS_MS: i64 = 40 * DAY_MS;
const ROOT: &str = "root";
const SIGNING: &str = "signing";
const RING: &str = "license_server:ring";
const LOCK: &str = "license_server:lock";

/// One published key.
pub struct Published {
    /// Names it in tokens.
    pub kid: String,
    /// For clients.
    pub pem: String,
    /// The root's signature over `pem`, in base64.
    pub root_signature: String,
    /// What ring checks with.
    pub public: Vec<u8>,
    created_at: i64,
}

/// All pairs of the server, opened.
pub struct Ring {
    signing: RsaKeyPair,
    /// The newest first, which is the one that signs.
    keys: Vec<Published>,
    root_pem: String,
}

impl Ring {
    /// The key that signs.
    pub fn current(&self) -> Option<&Published> {
        self.keys.first()
    }

    /// The key of a name, where it is still published at `now`.
    pub fn key(&self, kid: &str, now: Timestamp) -> Option<&Published> {
        self.keys.iter().find(|key| key.kid == kid && key.is_published(now))
    }

    /// Signs with the current pair.
    ///
    /// # Errors
    /// `Internal` where the pair does not sign.
    pub fn sign(&self, text: &[u8]) -> Result<Vec<u8>> {
        signature(&self.signing, text)
    }

    /// What anybody may know of it.
    pub fn told(&self, now: Timestamp) -> Value {
        let entry = |key: &Published| json!({ "kid": key.kid, "alg": "RS256", "public_key": key.pem, "root_signature": key.root_signature });
        let keys: Vec<Value> = self.keys.iter().filter(|key| key.is_published(now)).map(entry).collect();
        let mut told = keys.first().cloned().unwrap_or_default();
        if let Value::Object(told) = &mut told {
            told.insert("root_public_key".to_owned(), self.root_pem.as_str().into());
            told.insert("keys".to_owned(), keys.into());
        }
        told
    }

    fn is_fresh(&self, now: Timestamp) -> bool {
        self.current().is_some_and(|key| now.0 < key.created_at + SIGNS_MS)
    }
}

impl Published {
    fn is_published(&self, now: Timestamp) -> bool {
        now.0 < self.created_at + SIGNS_MS + CHECKS_MS
    }
}

/// The server's pairs; a missing or an old one is made first, which takes a second.
///
/// # Errors
/// `Internal` where they were sealed under another master key.
pub async fn ring(house: &Arc<House>, now: Timestamp) -> Result<Arc<Ring>> {
    if let Some(ring) = house.memory.get::<Ring>(RING).filter(|ring| ring.is_fresh(now)) {
        return Ok(ring);
    }
    let lock: Arc<Mutex<()>> = match house.memory.get(LOCK) {
        Some(lock) => lock,
        None => house.memory.keep(LOCK.to_owned(), Mutex::new(())),
    };
    let _one_at_a_time = lock.lock().await;
    if let Some(ring) = house.memory.get::<Ring>(RING).filter(|ring| ring.is_fresh(now)) {
        return Ok(ring);
    }
    let mut rows = store::pairs(house.store.read()).await?;
    let is_stale = newest(&rows, SIGNING).is_none_or(|row| now.0 >= row.created_at + SIGNS_MS);
    if is_stale || newest(&rows, ROOT).is_none() {
        renew(house, &rows, now).await?;
        rows = store::pairs(house.store.read()).await?;
    }
    Ok(house.memory.keep(RING.to_owned(), open(house, &rows)?))
}

fn newest<'a>(rows: &'a [Model], purpose: &str) -> Option<&'a Model> {
    rows.iter()
        .filter(|row| row.purpose == purpose)
        .max_by_key(|row| row.created_at)
}

/// Makes what is missing; where another node was quicker, its pairs are the ones.
async fn renew(house: &Arc<House>, rows: &[Model], now: Timestamp) -> Result<()> {
    let root = match newest(rows, ROOT) {
        Some(row) => (row.clone(), opened(house, row)?),
        None => made(house, ROOT, now).await?,
    };
    let (mut signing, _) = made(house, SIGNING, now).await?;
    let root_signature = STANDARD.encode(signature(&root.1, signing.public_pem.as_bytes())?);
    signing.root_signature = Some(root_signature);
    let root = root.0;
    house
        .store
        .command(async move |tx: &Tx| {
            let known = store::pairs(tx).await?;
            let is_first = newest(&known, ROOT).is_none();
            if is_first {
                super::super::store::insert(tx, &root).await?;
            }
            let is_ours = is_first || newest(&known, ROOT).is_some_and(|row| row.id == root.id);
            let is_stale = newest(&known, SIGNING).is_none_or(|row| now.0 >= row.created_at + SIGNS_MS);
            if is_ours && is_stale {
                super::super::store::insert(tx, &signing).await?;
            }
            Ok(())
        })
        .await
}

async fn made(house: &Arc<House>, purpose: &str, now: Timestamp) -> Result<(Model, RsaKeyPair)> {
    let ids = house.ids.clone();
    let pkcs8 = tokio::task::spawn_blocking(move || rsa::make(&ids))
        .await
        .map_err(Error::internal)?;
    let pair = RsaKeyPair::from_pkcs8(&pkcs8).map_err(|_| unreadable())?;
    let id = house.ids.uuid(now);
    let sealed = house.sealer.seal(&pkcs8, house.ids.bytes(), &context(id));
    let row = Model {
        id,
        kid: hex::encode(house.ids.bytes::<8>()),
        purpose: purpose.to_owned(),
        public_pem: pem(&pair),
        private_sealed: sealed.map_err(Error::internal)?,
        root_signature: None,
        created_at: now.0,
    };
    Ok((row, pair))
}

fn open(house: &House, rows: &[Model]) -> Result<Ring> {
    let current = newest(rows, SIGNING).ok_or_else(unreadable)?;
    let mut keys = Vec::new();
    for row in rows.iter().filter(|row| row.purpose == SIGNING) {
        keys.push(Published {
            kid: row.kid.clone(),
            pem: row.public_pem.clone(),
            root_signature: row.root_signature.clone().unwrap_or_default(),
            public: opened(house, row)?.public_key().as_ref().to_vec(),
            created_at: row.created_at,
        });
    }
    keys.sort_by_key(|key| std::cmp::Reverse(key.created_at));
    Ok(Ring {
        signing: opened(house, current)?,
        keys,
        root_pem: newest(rows, ROOT).map(|row| row.public_pem.clone()).unwrap_or_default(),
    })
}

fn opened(house: &House, row: &Model) -> Result<RsaKeyPair> {
    let pkcs8 = house
        .sealer
        .open(&row.private_sealed, &context(row.id))
        .ok_or_else(unreadable)?;
    RsaKeyPair::from_pkcs8(&pkcs8).map_err(|_| unreadable())
}

fn signature(pair: &RsaKeyPair, text: &[u8]) -> Result<Vec<u8>> {
    let mut signature = vec![0; pair.public().modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text, &mut signature)
        .map_err(|_| Error::internal("a token was not signed"))?;
    Ok(signature)
}

fn pem(pair: &RsaKeyPair) -> String {
    let text = STANDARD.encode(rsa::spki(pair.public_key().as_ref()));
    let mut pem = String::from("-----BEGIN PUBLIC KEY-----\n");
    for line in text.as_bytes().chunks(64) {
        pem.push_str(&String::from_utf8_lossy(line));
        pem.push('\n');
    }
    pem.push_str("-----END PUBLIC KEY-----\n");
    pem
}

fn context(id: Uuid) -> String {
    format!("license_server_key:{id}")
}

fn unreadable() -> Error {
    Error::internal("a pair of the license server was sealed under another master key")
}
