//! The public addresses of receipts, one for each payment that was made.

use crate::Mode;
use sea_orm::entity::prelude::*;

/// One receipt.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "receipts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub payment: Uuid,
    pub tenant: Uuid,
    pub mode: Mode,
    /// Not to be guessed: whoever has it may see the receipt.
    pub token: String,
}

no_relations!();
scoped!();
unscoped!();

/// Selects the receipt behind this token, whosever it is.
pub fn by_token_anywhere(token: &str) -> Select<Entity> {
    anywhere().filter(Column::Token.eq(token))
}
