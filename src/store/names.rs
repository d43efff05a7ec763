//! The two namespaces that all tenants share; whoever claims a name first has it.

use super::Tx;
use crate::domain::{Code, Error, Mode, Result};
use entities::public_name;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use uuid::Uuid;

/// The marketplace's slugs, across tenants.
pub const MARKETPLACE: &str = "marketplace";
/// The license server's product ids, across tenants.
pub const LICENSE_SERVER: &str = "license_server";

/// A name and the product that wants it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// `MARKETPLACE` or `LICENSE_SERVER`.
    pub namespace: &'static str,
    /// The name wanted.
    pub name: String,
    /// Who wants it.
    pub tenant: Uuid,
    /// Of which data set the product is.
    pub mode: Mode,
    /// The product to be found by it.
    pub product: Uuid,
}

/// Claims a name; another product's name is `AlreadyExists`, claiming one's own again changes nothing.
pub async fn claim(tx: &Tx, claim: &Claim) -> Result<()> {
    let row = public_name::Model {
        namespace: claim.namespace.to_owned(),
        name: claim.name.clone(),
        tenant: claim.tenant,
        mode: claim.mode.into(),
        product: claim.product,
    };
    let keep = OnConflict::columns([public_name::Column::Namespace, public_name::Column::Name])
        .do_nothing()
        .to_owned();
    let inserted = public_name::Entity::insert(row.into_active_model())
        .on_conflict(keep)
        .exec_without_returning(tx)
        .await?;
    if inserted == 1 {
        return Ok(());
    }
    let holder = public_name::by_name_anywhere(claim.namespace, &claim.name).one(tx).await?;
    if holder.is_some_and(|row| row.product == claim.product) {
        return Ok(());
    }
    Err(Error::new(Code::AlreadyExists, "This name is taken.").with_text("public_name_taken"))
}

/// Gives a product's names of one namespace back.
pub async fn release(tx: &Tx, namespace: &str, tenant: Uuid, mode: Mode, product: Uuid) -> Result<()> {
    public_name::delete_of(tenant, mode)
        .filter(public_name::Column::Namespace.eq(namespace))
        .filter(public_name::Column::Product.eq(product))
        .exec(tx)
        .await?;
    Ok(())
}
