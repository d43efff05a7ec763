//! What buyers think of products.

use crate::Mode;
use sea_orm::entity::prelude::*;

/// One review; a person has one of a product at most.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reviews")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The seller.
    pub tenant: Uuid,
    pub mode: Mode,
    pub product: Uuid,
    /// The person who bought it.
    pub author: Uuid,
    pub author_username: String,
    pub author_name: String,
    /// 1 to 5.
    pub rating: i64,
    pub title: Option<String>,
    pub body: Option<String>,
    pub creator_reply: Option<String>,
    pub replied_at: Option<i64>,
    pub created_at: i64,
    pub updated_at: i64,
}

no_relations!();
scoped!();
unscoped!();

/// Selects a product's reviews, whoever asks.
pub fn of_product(product: Uuid) -> Select<Entity> {
    anywhere().filter(Column::Product.eq(product))
}
