//! Lessons of courses: what they are, never their content.

use crate::Mode;
use sea_orm::entity::prelude::*;

/// One lesson.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "lessons")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant: Uuid,
    pub mode: Mode,
    pub course: Uuid,
    pub module: Uuid,
    pub title: String,
    /// What sort of lesson it is, such as `video`.
    pub kind: String,
    pub duration_seconds: Option<i64>,
    /// From 1 within its module.
    pub position: i64,
}

no_relations!();
scoped!();
