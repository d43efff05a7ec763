//! What a user may use: read, given, prolonged, withdrawn, explained.

use super::super::types::{AccessView, ExtendAccess, GrantAccess, GrantView, WhyEvent, WhyView};
use super::super::{rules, store};
use super::missing as no_user;
use crate::context::{Answer, Ctx, Deed, Room};
use crate::domain::dialect::PageRequest;
use crate::domain::{Code, Error, Result, Timestamp};
use crate::resources::access::rules::claims;
use crate::resources::access::service as accesses;
use crate::resources::access::types::Gift;
use crate::resources::customers::service as customers;
use crate::resources::products::service as products;
use crate::store::Tx;
use entities::access::{EndReason, Model};
use entities::entitlement::Cause;
use entities::product;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

/// Lists what a user may use, the newest first; a user nobody knows has nothing.
///
/// # Errors
/// `Malformed` for a cursor that is none of ours.
pub async fn list(ctx: &Ctx, user: Uuid, page: PageRequest) -> Result<Answer> {
    let (db, room) = (ctx.store().read(), ctx.room()?);
    let (rows, info) = store::accesses(db, room, user, &page).await?;
    let known = store::products(db, room, rows.iter().map(|row| row.product).collect()).await?;
    let view = |row: &Model| known.get(&row.product).map(|product| AccessView::of(row, product));
    let views: Vec<AccessView> = rows.iter().filter_map(view).collect();
    Answer::page("user_access", &views, info)
}

/// Reads one access of a user.
///
/// # Errors
/// `NotFound`, also for another user's.
pub async fn get(ctx: &Ctx, user: Uuid, id: Uuid) -> Result<Answer> {
    let (row, product) = found(ctx.store().read(), ctx.room()?, user, id).await?;
    Answer::one("user_access", &AccessView::of(&row, &product).of_user(user))
}

/// Says whether the access is there.
///
/// # Errors
/// `NotFound`.
pub async fn exists(ctx: &Ctx, user: Uuid, id: Uuid) -> Result<()> {
    found(ctx.store().read(), ctx.room()?, user, id).await.map(|_| ())
}

/// An access that is shown, with its product.
async fn found(db: &impl ConnectionTrait, room: &Room, user: Uuid, id: Uuid) -> Result<(Model, product::Model)> {
    let row = store::access(db, room, user, id).await?;
    let row = row.filter(rules::is_shown).ok_or_else(no_access)?;
    let product = store::product(db, room, row.product).await?;
    Ok((row, product.ok_or_else(no_access)?))
}

/// Gives a user a product, and every part of it where it is a bundle.
///
/// # Errors
/// `NotFound` for a user or a product nobody knows, `Validation` for a product that is not for sale or an end that cannot
/// be, `AlreadyExists` where he has it.
pub async fn grant(ctx: &Ctx, user: Uuid, asked: GrantAccess) -> Result<Answer> {
    let deed = Deed::of(ctx)?;
    ctx.command(async move |tx| {
        let room = &deed.room;
        let customer = customers::find(tx, room, user).await?.ok_or_else(no_user)?;
        let product = store::product(tx, room, asked.product_id).await?;
        let product = product.filter(|product| product.deleted_at.is_none());
        let product = product.ok_or_else(|| Error::not_found("product").with_text("product.not_found"))?;
        if product.status != product::Status::Published {
            return Err(Error::field(
                "product_id",
                "inactive",
                "product_id names a product that is not active",
            ));
        }
        let (until, days) = rules::grant_end(&asked, deed.now)?;
        let held = store::access_to(tx, room, user, product.id).await?;
        if held.is_some_and(|held| held.ended_at.is_none()) {
            return Err(Error::new(
                Code::AlreadyExists,
                "The user has access to this product already.",
            ));
        }
        let gift = Gift {
            customer: &customer,
            product: &product,
            cause: Cause::Admin,
            cause_id: deed.id(),
            until,
            days,
        };
        let row = accesses::give(tx, &deed, &gift).await?;
        for part in products::parts(tx, room, product.id).await? {
            let gift = Gift {
                product: &part,
                cause: Cause::Bundle,
                ..gift
            };
            accesses::give(tx, &deed, &gift).await?;
        }
        let view = GrantView {
            id: row.id,
            user_id: user,
            product_id: product.id,
            product_name: product.name.clone(),
            granted_at: Timestamp(row.granted_at),
            expires_at: row.expires_at.map(Timestamp),
            duration_days: row.duration_days,
        };
        Answer::created("access_grant", &view)
    })
    .await
}

/// Moves the end of an access; one that ran out begins again.
///
/// # Errors
/// `NotFound`, `Validation` for an end that cannot be.
pub async fn update(ctx: &Ctx, user: Uuid, id: Uuid, asked: ExtendAccess) -> Result<Answer> {
    let deed = Deed::of(ctx)?;
    ctx.command(async move |tx| {
        let (row, product) = found(tx, &deed.room, user, id).await?;
        let (until, days) = rules::new_end(&asked, &row, deed.now)?;
        let row = accesses::extend(tx, &deed, row, until, days).await?;
        Answer::one("user_access", &AccessView::of(&row, &product).of_user(user))
    })
    .await
}

/// Withdraws an access, whatever speaks for it; with a bundle what its parts rest on it for.
///
/// # Errors
/// `NotFound`.
pub async fn revoke(ctx: &Ctx, user: Uuid, id: Uuid) -> Result<Answer> {
    let deed = Deed::of(ctx)?;
    ctx.command(async move |tx| {
        let (row, product) = found(tx, &deed.room, user, id).await?;
        end_parts(tx, &deed, &row).await?;
        let row = if row.ended_at.is_none() {
            accesses::end(tx, &deed, row, EndReason::Revoked).await?
        } else {
            // It ran out; from now on it is gone.
            store::mark_revoked(tx, &row, deed.now).await?;
            row
        };
        Answer::deleted("user_access", &AccessView::of(&row, &product).of_user(user))
    })
    .await
}

/// Ends the claims that the parts of a bundle have by the causes of the bundle's own access.
async fn end_parts(tx: &Tx, deed: &Deed, row: &Model) -> Result<()> {
    let parts = products::parts(tx, &deed.room, row.product).await?;
    if parts.is_empty() {
        return Ok(());
    }
    let entries = store::entries(tx, &deed.room, row.id).await?;
    let causes: Vec<Uuid> = claims(&entries)
        .iter()
        .filter(|claim| claim.is_open)
        .map(|claim| claim.cause_id)
        .collect();
    for part in parts {
        if let Some(held) = store::access_to(tx, &deed.room, row.customer, part.id).await? {
            accesses::end_claims(tx, deed, held, &causes, EndReason::Revoked).await?;
        }
    }
    Ok(())
}

/// Says what gave and what took an access, one that is gone too.
///
/// # Errors
/// `NotFound`.
pub async fn why(ctx: &Ctx, user: Uuid, id: Uuid) -> Result<Answer> {
    let (db, room) = (ctx.store().read(), ctx.room()?);
    let row = store::access(db, room, user, id).await?.ok_or_else(no_access)?;
    let entries = store::entries(db, room, id).await?;
    let view = WhyView {
        access_id: row.id,
        user_id: user,
        product_id: row.product,
        is_active: row.ended_at.is_none(),
        expires_at: row.expires_at.map(Timestamp),
        ended_at: row.ended_at.map(Timestamp),
        end_reason: row.end_reason.map(EndReason::name),
        events: entries.iter().map(WhyEvent::from).collect(),
    };
    Answer::one("access_why", &view)
}

fn no_access() -> Error {
    Error::not_found("access record").with_text("access.not_found")
}
