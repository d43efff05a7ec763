//! Lessons held live at an appointed time.

use crate::Mode;
use sea_orm::entity::prelude::*;

/// One live session.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "live_sessions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant: Uuid,
    pub mode: Mode,
    pub course: Uuid,
    pub title: String,
    /// When it is to begin.
    pub starts_at: i64,
    /// When it did.
    pub started_at: Option<i64>,
    pub ended_at: Option<i64>,
    pub created_at: i64,
    pub updated_at: i64,
}

no_relations!();
scoped!();
