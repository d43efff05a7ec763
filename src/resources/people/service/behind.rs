//! Who stands behind a call: the person who signed in, or he whose key was sent, as the owner of its shop or without one.

use super::super::store;
use crate::context::{Ctx, Principal};
use crate::domain::{Error, Result, ascii};
use entities::person::Model;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

/// The person a call buys for and speaks for.
///
/// # Errors
/// `Unauthenticated` where nobody does, `Forbidden` where a shop has no owner.
pub async fn behind(ctx: &Ctx) -> Result<Model> {
    let db = ctx.store().read();
    let found = match &ctx.principal {
        Principal::Person(signed) => store::by_id(db, signed.person).await?,
        Principal::Key(key) => match store::first_owner(db, key.tenant).await? {
            None => store::holder(db, key.tenant).await?,
            owner => owner,
        },
        Principal::Anonymous | Principal::License(_) | Principal::Operator { .. } => {
            return Err(Error::new(
                crate::domain::Code::Unauthenticated,
                "Nobody stands behind this call.",
            ));
        }
    };
    found.ok_or_else(|| Error::new(crate::domain::Code::Forbidden, "This shop has no owner to act for."))
}

/// Whether a call may act for a tenant: its key, or somebody of its people whichever shop his session names.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn acts_for(ctx: &Ctx, tenant: Uuid) -> Result<bool> {
    match &ctx.principal {
        Principal::Key(key) => Ok(key.tenant == tenant),
        Principal::Person(signed) => store::is_member(ctx.store().read(), signed.person, tenant).await,
        Principal::Anonymous | Principal::License(_) | Principal::Operator { .. } => Ok(false),
    }
}

/// What others know a person by: the name of the shop he owns, else one made of his own name, never his address.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn username(db: &impl ConnectionTrait, person: &Model) -> Result<String> {
    if let Some(slug) = store::first_shop(db, person.id).await? {
        return Ok(slug);
    }
    Ok(match ascii::slug(person.name.as_deref().unwrap_or_default(), 60) {
        name if name.is_empty() => format!("buyer-{}", &person.id.simple().to_string()[24..]),
        name => name,
    })
}
