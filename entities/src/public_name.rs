//! The global namespaces: the marketplace's and the license server's.

use crate::Mode;
use sea_orm::entity::prelude::*;

/// One taken name.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "public_names")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub namespace: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    pub tenant: Uuid,
    pub mode: Mode,
    pub product: Uuid,
}

no_relations!();
scoped!();
unscoped!();

/// Selects who holds a name of a namespace.
pub fn by_name_anywhere(namespace: &str, name: &str) -> Select<Entity> {
    anywhere()
        .filter(Column::Namespace.eq(namespace))
        .filter(Column::Name.eq(name))
}
