//! Which labels a product has.

use crate::Mode;
use sea_orm::entity::prelude::*;

/// One label of one product.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "product_labels")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub product: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub label: Uuid,
    pub tenant: Uuid,
    pub mode: Mode,
    /// Its place among the product's labels, from 0.
    pub place: i64,
}

/// What a link refers to.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    /// The product.
    #[sea_orm(
        belongs_to = "crate::product::Entity",
        from = "Column::Product",
        to = "crate::product::Column::Id"
    )]
    Product,
    /// The label.
    #[sea_orm(
        belongs_to = "crate::label::Entity",
        from = "Column::Label",
        to = "crate::label::Column::Id"
    )]
    Label,
}

impl ActiveModelBehavior for ActiveModel {}

scoped!();
unscoped!();
