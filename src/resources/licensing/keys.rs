//! Licence keys at rest: a digest to find them by, and the key itself sealed for those contracts that show it again.

use crate::context::House;
use crate::domain::api_key::Digest;
use crate::domain::{Error, Result, license_key};
use crate::store::names::LICENSE_SERVER;
use entities::{license, product};
use uuid::Uuid;

/// The form a new key is given.
#[derive(Clone, Debug)]
pub enum Form {
    /// Four groups behind the product's prefix.
    Prefixed(String),
    /// A UUID.
    Uuid,
}

impl Form {
    /// The form of a product's keys: a UUID where the license server knows it.
    pub fn of(product: &product::Model) -> Self {
        match product.namespace.as_deref() {
            Some(LICENSE_SERVER) => Self::Uuid,
            _ => Self::Prefixed(product.key_prefix.clone()),
        }
    }
}

/// A new key, in clear and as it is kept.
pub struct Minted {
    /// The key; it leaves the server once, or where its contract shows it again.
    pub key: String,
    /// What it is found by.
    pub digest: Digest,
    /// What is kept of it.
    pub sealed: String,
}

/// Makes a key for the licence of this id.
///
/// # Errors
/// `Internal` where it cannot be sealed.
pub fn mint(house: &House, id: Uuid, form: &Form) -> Result<Minted> {
    let key = match form {
        Form::Prefixed(prefix) => license_key::mint(prefix, house.ids.bytes()),
        Form::Uuid => license_key::mint_uuid(house.ids.bytes()),
    };
    let sealed = house
        .sealer
        .seal(key.as_bytes(), house.ids.bytes(), &context(id))
        .map_err(Error::internal)?;
    Ok(Minted {
        digest: license_key::digest(&key),
        key,
        sealed,
    })
}

/// The key of a licence.
///
/// # Errors
/// `Internal` where it was sealed under another master key.
pub fn open(house: &House, row: &license::Model) -> Result<String> {
    open_sealed(house, row.id, &row.key_sealed)
}

/// The key of the licence of this id, of which only what was kept of it is at hand.
///
/// # Errors
/// As [`open`].
pub fn open_sealed(house: &House, id: Uuid, sealed: &str) -> Result<String> {
    let opened = house.sealer.open_text(sealed, &context(id));
    opened
        .map(|key| key.to_string())
        .ok_or_else(|| Error::internal("a licence key was sealed under another master key"))
}

fn context(id: Uuid) -> String {
    format!("license:{id}")
}
