//! Versions of a product: what a buyer downloads.

use crate::Mode;
use sea_orm::entity::prelude::*;

/// One version with its file.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "product_versions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant: Uuid,
    pub mode: Mode,
    pub product: Uuid,
    /// Unique for the product.
    pub version: String,
    pub changelog: Option<String>,
    pub file: Uuid,
    /// Safe to be a file's name anywhere.
    pub file_name: String,
    pub media_type: String,
    pub size_bytes: i64,
    /// 64 hex digits.
    pub sha256: String,
    pub created_at: i64,
    pub updated_at: i64,
}

no_relations!();
scoped!();
unscoped!();

/// Selects a product's versions, whoever asks: a buyer's tenant is another than the product's.
pub fn of_product(product: Uuid) -> Select<Entity> {
    anywhere().filter(Column::Product.eq(product))
}
