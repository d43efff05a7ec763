//! Codes that make a licence a trial.

use crate::Mode;
use sea_orm::entity::prelude::*;

/// One code.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "trial_codes")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant: Uuid,
    pub mode: Mode,
    /// `None` is any product of the tenant.
    pub product: Option<Uuid>,
    /// As its creator wrote it.
    pub code: String,
    /// The same in capitals, by which it is found.
    pub folded: String,
    pub trial_days: i64,
    pub used_count: i64,
    /// `None` is no limit.
    pub max_uses: Option<i64>,
    pub is_active: bool,
    pub expires_at: Option<i64>,
    pub created_at: i64,
    pub updated_at: i64,
    pub deleted_at: Option<i64>,
}

no_relations!();
scoped_soft!();
unscoped!();
