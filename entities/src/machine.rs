//! Machines that use a licence.

use crate::{Document, Mode};
use sea_orm::entity::prelude::*;

/// One machine.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "machines")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant: Uuid,
    pub mode: Mode,
    pub license: Uuid,
    pub policy: Option<Uuid>,
    /// Once per licence among live rows.
    pub fingerprint: String,
    pub name: Option<String>,
    pub hostname: Option<String>,
    pub platform: Option<String>,
    pub cores: Option<i64>,
    pub address: Option<String>,
    pub metadata: Document,
    pub last_heartbeat_at: Option<i64>,
    /// When it counts as dead unless it is heard of; `None` where nobody listens.
    pub due_at: Option<i64>,
    pub dead_at: Option<i64>,
    /// Until when it holds a seat of a floating licence.
    pub seat_until_at: Option<i64>,
    pub seen_at: i64,
    pub created_at: i64,
    pub updated_at: i64,
    pub deleted_at: Option<i64>,
}

no_relations!();
scoped_soft!();
unscoped!();
