//! Answers kept for requests that carried an `Idempotency-Key`.

use crate::Document;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// How far such a request has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It calls out; the answer is not known yet.
    Started,
    /// The answer is stored.
    Done,
}

/// One request and its neutral answer.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant: Option<Uuid>,
    /// Who asked, tenant included.
    pub principal: String,
    pub route: String,
    /// SHA-256 of the header's value.
    pub key_digest: Vec<u8>,
    /// SHA-256 of the body; another body with the same key is refused.
    pub body_digest: Vec<u8>,
    pub state: State,
    /// 0 until the answer is known.
    pub status: i32,
    pub answer: Option<Document>,
    /// The answer's secret members, sealed with the master key.
    pub sealed: Option<String>,
    pub created_at: i64,
    pub expires_at: i64,
}

no_relations!();
unscoped!();

/// Selects what is kept for a principal, a route and the digest of a key.
pub fn by_key(principal: &str, route: &str, key_digest: &[u8]) -> Select<Entity> {
    anywhere()
        .filter(Column::Principal.eq(principal))
        .filter(Column::Route.eq(route))
        .filter(Column::KeyDigest.eq(key_digest))
}

/// Removes what has run out by `now`, in epoch milliseconds.
pub fn delete_expired(now: i64) -> sea_orm::DeleteMany<Entity> {
    delete_anywhere().filter(Column::ExpiresAt.lte(now))
}
