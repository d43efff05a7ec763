//! What a tenant sells.

use crate::{Document, Mode};
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// How far a product has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Seen by its tenant only.
    Draft,
    /// For sale.
    Published,
    /// No longer for sale; what was bought stays.
    Archived,
}

/// One product.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "products")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant: Uuid,
    pub mode: Mode,
    /// Unique for tenant and mode, also among deleted rows.
    pub slug: String,
    pub name: String,
    pub description: Option<String>,
    pub kind: Option<String>,
    pub status: Status,
    pub is_listed: bool,
    pub is_featured: bool,
    pub price_minor: i64,
    pub currency: String,
    /// What its licence keys begin with.
    pub key_prefix: String,
    pub metadata: Document,
    pub attributes: Document,
    pub licenses_count: i64,
    pub published_at: Option<i64>,
    /// Where its slug is claimed for the whole server.
    pub namespace: Option<String>,
    /// One word the marketplace files it under.
    pub category: Option<String>,
    /// Set while the marketplace shows it: the moment it was first published.
    pub shelved_at: Option<i64>,
    /// Sum of its reviews' ratings.
    pub rating_sum: i64,
    /// Number of its reviews.
    pub rating_count: i64,
    /// The average in millionths, to sort by.
    pub rating_rank: i64,
    /// Paid and not given back.
    pub sales_count: i64,
    /// How often somebody looked at it.
    pub views_count: i64,
    pub created_at: i64,
    pub updated_at: i64,
    pub deleted_at: Option<i64>,
}

no_relations!();
scoped_soft!();
unscoped!();
