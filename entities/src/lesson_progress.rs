//! Lessons that somebody enrolled has done.

use crate::Mode;
use sea_orm::entity::prelude::*;

/// One lesson done.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "lesson_progress")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub enrollment: Uuid,
    /// May be one the course no longer has.
    #[sea_orm(primary_key, auto_increment = false)]
    pub lesson: Uuid,
    pub tenant: Uuid,
    pub mode: Mode,
    pub completed_at: i64,
}

no_relations!();
scoped!();
