//! Courses; what is sold of one is its product, which holds title, slug, price and status.

use crate::Mode;
use sea_orm::entity::prelude::*;

/// One course.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "courses")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant: Uuid,
    pub mode: Mode,
    /// The product it is sold as; no two courses share one.
    pub product: Uuid,
    pub created_at: i64,
    pub updated_at: i64,
}

no_relations!();
scoped!();
unscoped!();
