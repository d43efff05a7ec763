//! Recordings of live sessions: where the file can be fetched.

use crate::Mode;
use sea_orm::entity::prelude::*;

/// One recording.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "recordings")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant: Uuid,
    pub mode: Mode,
    pub live_session: Uuid,
    pub course: Uuid,
    pub title: String,
    pub url: String,
    pub duration_seconds: Option<i64>,
    pub ready_at: i64,
}

no_relations!();
scoped!();
