//! Keys in the marketplace, where whoever signs in has some: a shop's owner those of his shop, anybody else his own. Those may
//! do what buyers do.

use crate::context::{Answer, Ctx};
use crate::domain::dialect::{PageInfo, PageRequest};
use crate::domain::{Code, Error, Result, Scope};
use crate::resources::api_keys::store;
use crate::resources::api_keys::types::{CreateKey, KeyView};
use crate::resources::tenants::holders;
use entities::membership::Role;
use uuid::Uuid;

/// What somebody without a shop may have done with a key.
const BUYERS: &[Scope] = &[
    Scope::ProductsRead,
    Scope::DownloadsRead,
    Scope::PurchasesRead,
    Scope::PurchasesWrite,
    Scope::ReviewsWrite,
];

/// What a room is entered for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum For {
    /// Looking.
    Reading,
    /// A new key; the room is made where there is none.
    Creating,
    /// The end of one; who has got a shop since ends his own keys, too.
    Revoking(Uuid),
}

/// Refuses a key that its owner, who has no shop, could do nothing with, or too much.
///
/// # Errors
/// `Validation` for unknown scopes and other dialects; `Forbidden` for what only a shop's people may do.
pub fn check(ctx: &Ctx, form: &CreateKey) -> Result<()> {
    if ctx.room.is_some() {
        return Ok(());
    }
    if form.dialect.as_ref().is_some_and(|name| *name != ctx.dialect.name) {
        let text = "Without a shop there are keys of this dialect alone";
        return Err(Error::field("dialect", "shop", text));
    }
    let names = ctx.dialect.scopes_granted(form.scopes.as_deref())?;
    match ctx.dialect.scopes_held(&names).iter().all(|scope| BUYERS.contains(&scope)) {
        true => Ok(()),
        false => Err(Error::new(
            Code::Forbidden,
            "Only somebody who owns a shop can have a key for this.",
        )),
    }
}

/// Enters the room whose keys are meant: the shop's where the person has one, else that of his own keys.
///
/// # Errors
/// `Forbidden` for a member who is not the shop's owner.
pub async fn enter(ctx: &mut Ctx, aim: For) -> Result<()> {
    if let Some(room) = &ctx.room {
        if aim != For::Reading && ctx.person()?.role != Some(Role::Owner) {
            return Err(Error::new(Code::Forbidden, "Only the shop's owner can do this."));
        }
        let For::Revoking(id) = aim else { return Ok(()) };
        if store::find(ctx.store().read(), room, id).await?.is_some() {
            return Ok(());
        }
    }
    let own = match aim {
        For::Creating => Some(holders::room_for_keys(ctx).await?),
        For::Reading | For::Revoking(_) => holders::room(ctx).await?,
    };
    match (own, aim) {
        (Some(own), _) => ctx.room = Some(own),
        (None, For::Revoking(_)) => return Err(Error::not_found("API key").with_text("api_key.not_found")),
        (None, _) => {}
    }
    Ok(())
}

/// The list of who has no key yet.
///
/// # Errors
/// Never, as lists of nothing can be written.
pub fn none(page: PageRequest) -> Result<Answer> {
    let info = PageInfo {
        limit: page.limit,
        page: Some(page.page.unwrap_or(1)),
        total: Some(0),
        ..PageInfo::default()
    };
    Answer::page("api_key", &Vec::<KeyView>::new(), info)
}
