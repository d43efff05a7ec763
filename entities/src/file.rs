//! Files that were uploaded: what lies in the folder or bucket, and what is to be removed from there.

use crate::Mode;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// How far a file has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Its bytes are on the way; nothing refers to it yet.
    Pending,
    /// Something refers to it.
    Kept,
    /// Nothing refers to it any more; its bytes are to go.
    Condemned,
}

/// One file. Its bytes never change: a new upload is a new file.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "files")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant: Uuid,
    pub mode: Mode,
    pub state: State,
    pub size_bytes: i64,
    /// 64 hex digits.
    pub sha256: String,
    pub created_at: i64,
    pub updated_at: i64,
}

no_relations!();
scoped!();
unscoped!();

/// Selects the file of this id.
pub fn by_id(id: Uuid) -> Select<Entity> {
    anywhere().filter(Column::Id.eq(id))
}

/// Updates the file of this id.
pub fn update_by_id(id: Uuid) -> sea_orm::UpdateMany<Entity> {
    update_anywhere().filter(Column::Id.eq(id))
}
