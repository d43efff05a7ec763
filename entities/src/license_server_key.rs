//! The pairs that sign the license server's tokens, and the root that vouches for them.

use sea_orm::entity::prelude::*;

/// One pair.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "license_server_keys")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(unique)]
    pub kid: String,
    /// `root` or `signing`.
    pub purpose: String,
    pub public_pem: String,
    /// PKCS#8, sealed with the id as context.
    pub private_sealed: String,
    /// The root's signature over the public key.
    pub root_signature: Option<String>,
    pub created_at: i64,
}

no_relations!();
unscoped!();
