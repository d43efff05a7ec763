//! The parts a course is made of.

use crate::Mode;
use sea_orm::entity::prelude::*;

/// One module of a course.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "course_modules")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant: Uuid,
    pub mode: Mode,
    pub course: Uuid,
    pub title: String,
    /// From 1.
    pub position: i64,
}

no_relations!();
scoped!();
