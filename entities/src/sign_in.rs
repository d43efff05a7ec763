//! When a person last signed in; sessions are removed, this stays.

use sea_orm::entity::prelude::*;

/// One person's last time.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sign_ins")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub person: Uuid,
    pub last_at: i64,
}

no_relations!();
unscoped!();
