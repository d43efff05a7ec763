//! Where a tenant wants its events sent.

use crate::{Document, Identifiers, Mode, Names, Stored};
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// Which events of products an endpoint wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum ProductFilter {
    /// Those of every product.
    All,
    /// Those of the listed products.
    Selected,
}

/// A secret that was replaced and signs on until its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OldSecret {
    /// As it stood in its row.
    pub sealed: String,
    /// The moment from which it signs no more.
    pub until_at: i64,
}

/// Several of them, the newest first.
pub type OldSecrets = Stored<Vec<OldSecret>>;

/// One subscriber's URL with its filter, secret and health.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "endpoints")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant: Uuid,
    pub mode: Mode,
    pub dialect: String,
    pub url: String,
    pub description: Option<String>,
    /// The names it subscribed to, in its dialect's spelling.
    pub events: Names,
    /// Sealed with the master key, the endpoint's id as context.
    pub secret_sealed: String,
    /// Signs beside the new one while a rotation overlaps.
    pub previous_secret_sealed: Option<String>,
    pub previous_until_at: Option<i64>,
    /// Those before it that are in force yet, the newest first.
    pub older_secrets_sealed: Option<OldSecrets>,
    pub is_active: bool,
    pub product_filter: ProductFilter,
    pub product_ids: Identifiers,
    pub custom_headers_sealed: Option<String>,
    pub custom_fields: Option<Document>,
    pub field_selection: Option<Document>,
    /// Start of the unbroken run of failures it is in.
    pub failing_since_at: Option<i64>,
    pub failures: i32,
    /// Distinct UTC days of that run.
    pub failure_days: i32,
    /// The last such day, in days since the epoch.
    pub last_failure_day: Option<i64>,
    pub warned_at: Option<i64>,
    pub disabled_at: Option<i64>,
    pub disabled_reason: Option<String>,
    pub created_at: i64,
    pub updated_at: i64,
    pub deleted_at: Option<i64>,
}

no_relations!();
scoped_soft!();
unscoped!();
