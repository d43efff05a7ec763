//! What visitors of a shop's pages agreed to.

use crate::Mode;
use sea_orm::entity::prelude::*;

/// One answer of one visitor.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "consents")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant: Uuid,
    pub mode: Mode,
    /// The purchase he was about, where he was about one.
    pub checkout: Option<Uuid>,
    /// What his browser calls itself, where it does.
    pub visitor: Option<String>,
    pub analytics: bool,
    pub marketing: bool,
    /// Which wording he was shown.
    pub version: Option<String>,
    /// SHA-256 of tenant and network address: tells two visitors apart, and nobody's whereabouts.
    pub address_digest: String,
    pub user_agent: Option<String>,
    pub created_at: i64,
}

no_relations!();
scoped!();
