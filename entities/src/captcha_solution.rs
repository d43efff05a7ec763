//! A proof that was shown once and is good no more.

use sea_orm::entity::prelude::*;

/// One proof, by its digest.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "captcha_solutions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub digest: Vec<u8>,
    pub until_at: i64,
}

no_relations!();
unscoped!();
