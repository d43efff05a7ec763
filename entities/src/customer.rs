//! A person or an address as one tenant knows it.

use crate::{Document, Mode};
use sea_orm::entity::prelude::*;

/// One customer.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "customers")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant: Uuid,
    pub mode: Mode,
    pub email: String,
    pub person: Option<Uuid>,
    pub name: Option<String>,
    pub attributes: Document,
    pub created_at: i64,
    pub updated_at: i64,
    pub deleted_at: Option<i64>,
}

no_relations!();
scoped_soft!();
unscoped!();
