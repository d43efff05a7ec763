//! Seats of students in courses; a revoked one keeps its row and may come alive again.

use crate::Mode;
use sea_orm::entity::prelude::*;

/// One pair of student and course.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "enrollments")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant: Uuid,
    pub mode: Mode,
    pub customer: Uuid,
    pub course: Uuid,
    pub enrolled_at: i64,
    /// When the last lesson was done; stays, whatever becomes of the seat or the course.
    pub completed_at: Option<i64>,
    /// Empty while the seat is in force.
    pub revoked_at: Option<i64>,
    pub created_at: i64,
    pub updated_at: i64,
}

no_relations!();
scoped!();
