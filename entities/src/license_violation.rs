//! What looked like abuse of a licence.

use crate::{Document, Mode};
use sea_orm::entity::prelude::*;

/// One violation.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "license_violations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant: Uuid,
    pub mode: Mode,
    pub license: Uuid,
    pub kind: String,
    pub severity: String,
    pub details: Document,
    pub detected_at: i64,
    pub resolved_at: Option<i64>,
}

no_relations!();
scoped!();
unscoped!();
