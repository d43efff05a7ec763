//! From what people call a thing to its id, for dialects that tell no ids.

use super::Store;
use crate::domain::{Mode, Result, license_key};
use entities::{api_key, license, product};
use sea_orm::{ColumnTrait, QueryFilter};
use uuid::Uuid;

/// Kinds of things that have a name beside their id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// By its address.
    Product,
    /// By the digest of its text, in hex.
    ApiKey,
    /// By its key.
    License,
}

impl Named {
    /// The kind of a neutral name.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "product" => Some(Self::Product),
            "api_key" => Some(Self::ApiKey),
            "license" => Some(Self::License),
            _ => None,
        }
    }

    /// Whether a text can be such a name; only a licence's key may look like an id.
    pub fn may_be(self, text: &str) -> bool {
        self == Self::License || Uuid::try_parse(text).is_err()
    }

    /// The id of a tenant's thing of this name.
    ///
    /// # Errors
    /// `Unavailable` where the database is.
    pub async fn id(self, store: &Store, (tenant, mode): (Uuid, Mode), name: &str) -> Result<Option<Uuid>> {
        let db = store.read();
        Ok(match self {
            Self::Product => {
                let found = product::of(tenant, mode).filter(product::Column::Slug.eq(name));
                found.one(db).await?.map(|row| row.id)
            }
            Self::ApiKey => {
                let Ok(digest) = hex::decode(name) else { return Ok(None) };
                let found = api_key::by_digest_anywhere(&digest).one(db).await?;
                found.filter(|row| row.tenant == tenant).map(|row| row.id)
            }
            Self::License => {
                let found = license::by_digest_anywhere(&license_key::digest(name).0).one(db).await?;
                let is_own = |row: &license::Model| row.tenant == tenant && row.mode == mode.into();
                found.filter(is_own).map(|row| row.id)
            }
        })
    }
}
