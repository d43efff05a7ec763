//! One HTTP try of a delivery.

use crate::{Document, Mode};
use sea_orm::entity::prelude::*;

/// One try and what came of it.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "attempts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub delivery: Uuid,
    pub tenant: Uuid,
    pub mode: Mode,
    /// Counts from 1.
    pub number: i32,
    pub started_at: i64,
    pub duration_ms: i64,
    pub connect_ms: Option<i64>,
    pub first_byte_ms: Option<i64>,
    /// 0 when no answer came.
    pub http_status: i32,
    pub error_class: Option<String>,
    pub error: Option<String>,
    pub response_headers: Option<Document>,
    /// At most the first 16 KiB.
    pub response_body: Option<String>,
}

no_relations!();
scoped!();
unscoped!();
