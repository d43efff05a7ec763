//! Changes of products.

use super::around::{self, Around};
use super::{count, event, missing};
use crate::context::{Answer, Ctx, Deed, Room};
use crate::domain::{Code, Error, FieldError, Result, Timestamp};
use crate::resources::products::rules::{self, selling};
use crate::resources::products::store;
use crate::resources::products::types::UpdateProduct;
use crate::resources::waitlist;
use crate::store::Tx;
use entities::product::{Model, Status};
use uuid::Uuid;

/// Changes a product; what is not named stays.
///
/// # Errors
/// `NotFound`, `AlreadyExists` where the new slug is taken, `Conflict` where it may only be read, `Validation` where the slug may not change or something does
/// not hold together any more.
pub async fn update(ctx: &Ctx, id: Uuid, mut change: UpdateProduct) -> Result<Answer> {
    let (deed, room) = (Deed::of(ctx)?, ctx.room()?.clone());
    let (now, event_ids) = (ctx.now, [ctx.id(), ctx.id()]);
    around::imply_bundle(&mut change);
    ctx.command(async move |tx| {
        let old = store::find(tx, &room, id).await?.ok_or_else(missing)?;
        if change.code.as_ref().is_some_and(|code| *code != old.slug) {
            return Err(Error::field("code", "immutable", "code cannot change"));
        }
        let before = Around::of(tx, &room, &old).await?;
        let mut new = changed(tx, &room, &old, &change, now).await?;
        if rules::is_read_only(&old) && new.status == Status::Archived && new != old {
            return Err(Error::new(Code::Conflict, "The product is archived and may only be read."));
        }
        if new.slug != old.slug {
            store::rename(tx, &room, &old, &new.slug).await?;
        }
        let faults = around::write(tx, &room, &new, &change).await?;
        if !faults.is_empty() {
            return Err(Error::fields(faults));
        }
        let after = Around::of(tx, &room, &new).await?;
        if new == old && after == before {
            return Answer::one("product", &before.view(&old));
        }
        new.updated_at = now.0;
        store::replace(tx, &new).await?;
        count(tx, &room, Some(old.status), Some(new.status));
        if new.status == Status::Published && old.status != Status::Published {
            waitlist::service::launch(tx, &room, id, now).await?;
        }
        let view = after.view(&new);
        tx.emit(event(event_ids[0], &room, "product.updated", &view, now)?);
        if let Some(name) = also(old.status, new.status) {
            tx.emit(event(event_ids[1], &room, name, &view, now)?);
        }
        for follower in deed.house.followers {
            follower(tx, &deed, (&old, &new)).await?;
        }
        Answer::one("product", &view)
    })
    .await
}

/// What is told of a new status beside the change itself.
const fn also(old: Status, new: Status) -> Option<&'static str> {
    match (old, new) {
        (Status::Draft | Status::Archived, Status::Published) => Some("product.published"),
        (Status::Draft | Status::Published, Status::Archived) => Some("product.archived"),
        _ => None,
    }
}

/// The row after a change; the same row where nothing changes.
pub(in crate::resources::products) async fn changed(
    tx: &Tx,
    room: &Room,
    old: &Model,
    change: &UpdateProduct,
    now: Timestamp,
) -> Result<Model> {
    let (status, is_listed) = rules::state(change, old.status, old.is_listed);
    let mut new = old.clone();
    new.name = change.name.clone().unwrap_or(new.name);
    new.slug = change.slug.clone().unwrap_or(new.slug);
    new.description = change.description.clone().unwrap_or(new.description);
    new.kind = change.kind.clone().unwrap_or(new.kind);
    new.category = change.category.clone().unwrap_or(new.category);
    new.price_minor = change.price_minor.unwrap_or(new.price_minor);
    new.currency = change.currency.clone().unwrap_or(new.currency);
    new.key_prefix = change.key_prefix.clone().unwrap_or(new.key_prefix);
    new.metadata = change.metadata.clone().map_or(new.metadata, Into::into);
    new.attributes = rules::merge_attributes(&old.attributes, &change.attributes).into();
    new.published_at = new.published_at.or((status == Status::Published).then_some(now.0));
    new.status = status;
    new.is_listed = is_listed;
    new.is_featured = change.is_featured.unwrap_or(new.is_featured);
    let mut faults = selling::faults(&new, change, now);
    faults.extend(refused(tx, room, old, &new).await?);
    if !faults.is_empty() {
        return Err(Error::fields(faults));
    }
    if new.currency != old.currency {
        selling::in_new_currency(&new, &old.currency, change)?;
    }
    selling::settle(&mut new);
    Ok(new)
}

/// What a product's past and its neighbours forbid.
async fn refused(tx: &Tx, room: &Room, old: &Model, new: &Model) -> Result<Option<FieldError>> {
    let fault = |field: &'static str, rule, message: &'static str| {
        Ok(Some(FieldError {
            field: field.into(),
            message: message.into(),
            rule,
        }))
    };
    if selling::product_type(old) != selling::product_type(new) && store::has_history(tx, room, old.id).await? {
        return fault(
            "attributes.product_type",
            "immutable",
            "Product type cannot change once the product was sold or given",
        );
    }
    let becomes = |test: fn(&Model) -> bool| test(new) && !test(old);
    if (becomes(selling::is_bundle) || becomes(selling::is_subscription)) && store::is_part(tx, room, old.id).await? {
        return fault(
            "attributes.is_bundle",
            "part",
            "A part of a bundle can be no bundle and no subscription",
        );
    }
    if selling::scales_differ(&old.currency, &new.currency) && store::is_priced_elsewhere(tx, room, old.id).await? {
        return fault(
            "currency",
            "priced_elsewhere",
            "Order bumps or offers name an amount in the old currency; change or delete them first",
        );
    }
    Ok(None)
}
