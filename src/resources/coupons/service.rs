//! One function per operation; every command is one transaction.

pub mod stats;
pub mod uses;

use super::rules;
use super::store;
use super::types::{CouponView, CreateCoupon, Issue, ListCoupons, UpdateCoupon};
use crate::context::{Answer, Ctx, Deed, Principal, Room};
use crate::domain::dialect::{PageInfo, PageRequest};
use crate::domain::{Code, Error, Result, Timestamp};
use crate::resources::products::service as products;
use crate::store::Tx;
use crate::store::counters::CounterKey;
use entities::coupon::Model;
use serde_json::{Map, Value};
use uuid::Uuid;

/// Name of the counter row behind unfiltered totals.
pub(super) const COUNTER: &str = "coupons";
/// Uses of one buyer where nobody says otherwise.
const PER_USER: i64 = 1;

/// Lists the room's coupons.
///
/// # Errors
/// `Malformed` for a cursor that is none of ours or a column lists are not ordered by.
pub async fn list(ctx: &Ctx, filter: ListCoupons, page: PageRequest) -> Result<Answer> {
    let room = ctx.room()?;
    let (rows, info) = store::list(ctx.store(), room, &filter, &page, ctx.now).await?;
    Answer::page("coupon", &views(ctx, room, &rows).await?, info)
}

/// Lists coupons: the room's own, or for an operator who names no creator those of every shop that speaks this contract.
///
/// # Errors
/// As [`list`].
pub async fn list_all(ctx: &Ctx, filter: ListCoupons, page: PageRequest) -> Result<Answer> {
    if !matches!(ctx.principal, Principal::Operator { named: None }) {
        return list(ctx, filter, page).await;
    }
    let db = ctx.store().read();
    let rows = store::list_everywhere(db, &ctx.dialect.name).await?;
    let mut told = Vec::with_capacity(rows.len());
    for part in rows.chunk_by(|a, b| a.tenant == b.tenant && a.mode == b.mode) {
        let Some(first) = part.first() else { continue };
        if let Some(room) = Room::find(db, first.tenant, first.mode).await? {
            told.extend(views(ctx, &room, part).await?);
        }
    }
    Answer::page("coupon", &told, PageInfo::default())
}

/// Coupons of a room as they are told, with the address of the one product that some are for.
async fn views(ctx: &Ctx, room: &Room, rows: &[Model]) -> Result<Vec<CouponView>> {
    let only: Vec<Uuid> = rows.iter().filter_map(only_product).collect();
    let slugs = store::slugs(ctx.store().read(), room, only).await?;
    let view = |row: &Model| CouponView {
        product_slug: only_product(row).and_then(|id| slugs.get(&id).cloned()),
        ..CouponView::from(row)
    };
    Ok(rows.iter().map(view).collect())
}

/// Whose a new coupon is: the caller's, or where an operator names no creator that of the product it is for.
async fn owner(ctx: &Ctx, product: Option<&str>) -> Result<Room> {
    match (&ctx.principal, product) {
        (Principal::Operator { named: None }, Some(name)) => {
            let found = store::room_of_product(ctx.store().read(), name).await?;
            found.ok_or_else(no_product)
        }
        _ => ctx.room().cloned(),
    }
}

/// Creates a coupon.
///
/// # Errors
/// `AlreadyExists` where the code is taken, `Validation` for a discount or a window that cannot be.
pub async fn create(ctx: &Ctx, form: CreateCoupon) -> Result<Answer> {
    let room = owner(ctx, form.rest.product.as_ref().and_then(Option::as_deref)).await?;
    let worth = rules::worth(None, &form.rest)?;
    let mut row = changed(&blank(ctx.id(), &room, form.code, ctx.now), &form.rest, ctx.now);
    worth.store(&mut row);
    let mut product_slug = None;
    if let Some(named) = form.rest.product.flatten() {
        let (id, slug) = store::product(ctx.store().read(), &room, &named)
            .await?
            .ok_or_else(no_product)?;
        row.allowed_products = vec![id].into();
        product_slug = Some(slug);
    }
    row.updated_at = row.created_at;
    rules::window(row.starts_at, row.expires_at)?;
    ctx.command(async move |tx| {
        check_products(tx, &room, &row.allowed_products, &[]).await?;
        store::refuse_taken(tx, &room, &row.code).await?;
        store::insert(tx, &row).await?;
        tx.count(CounterKey::new(room.tenant, room.mode, COUNTER), 1);
        let view = CouponView {
            product_slug: product_slug.clone(),
            ..CouponView::from(&row)
        };
        Answer::created("coupon", &view)
    })
    .await
}

/// Every product that a coupon comes to be bound to is one of the shop's; those it was bound to before may be gone since.
async fn check_products(tx: &Tx, room: &Room, wanted: &[Uuid], before: &[Uuid]) -> Result<()> {
    let fresh: Vec<Uuid> = wanted.iter().copied().filter(|id| !before.contains(id)).collect();
    if fresh.is_empty() {
        return Ok(());
    }
    let known = products::by_ids(tx, room, &fresh).await?;
    match fresh.iter().find(|id| !known.contains_key(*id)) {
        None => Ok(()),
        Some(id) => Err(Error::field(
            "allowed_product_ids",
            "unknown",
            format!("There is no product with the id {id}"),
        )),
    }
}

/// Reads a coupon.
///
/// # Errors
/// `NotFound`.
pub async fn get(ctx: &Ctx, id: Uuid) -> Result<Answer> {
    let row = store::find(ctx.store().read(), ctx.room()?, id).await?.ok_or_else(missing)?;
    Answer::one("coupon", &CouponView::from(&row))
}

/// What reading a change has to know: the currency amounts are in where the change names none.
///
/// # Errors
/// `NotFound`.
pub async fn known(ctx: &Ctx, id: Uuid) -> Result<Map<String, Value>> {
    let row = store::find(ctx.store().read(), ctx.room()?, id).await?.ok_or_else(missing)?;
    Ok(row
        .currency
        .map(|currency| ("currency".to_owned(), currency.into()))
        .into_iter()
        .collect())
}

/// Changes a coupon; what is not named stays.
///
/// # Errors
/// `NotFound`, `AlreadyExists` where the new code is taken, `Validation`.
pub async fn update(ctx: &Ctx, id: Uuid, change: UpdateCoupon) -> Result<Answer> {
    let room = ctx.room()?.clone();
    let now = ctx.now;
    ctx.command(async move |tx| {
        let old = store::find(tx, &room, id).await?.ok_or_else(missing)?;
        if old.offer.is_some() && !change.only_switches() {
            return Err(Error::new(
                Code::Validation,
                "A coupon of a one-time offer can be switched on and off, and nothing else.",
            ));
        }
        let mut new = changed(&old, &change, now);
        rules::worth(Some(&old), &change)?.store(&mut new);
        rules::window(new.starts_at, new.expires_at)?;
        check_products(tx, &room, &new.allowed_products, &old.allowed_products).await?;
        if new.code != old.code {
            store::refuse_taken(tx, &room, &new.code).await?;
        }
        if new != old {
            new.updated_at = now.0;
            store::replace(tx, &new).await?;
        }
        Answer::one("coupon", &CouponView::from(&new))
    })
    .await
}

/// Deletes a coupon that no payment took a use of; its code is free then.
///
/// # Errors
/// `NotFound`, `Conflict` after a redemption.
pub async fn delete(ctx: &Ctx, id: Uuid) -> Result<Answer> {
    let room = ctx.room()?.clone();
    let now = ctx.now;
    ctx.command(async move |tx| {
        let mut row = store::find(tx, &room, id).await?.ok_or_else(missing)?;
        if row.usage_count > 0 {
            return Err(Error::new(
                Code::Conflict,
                "This coupon was used; switch it off instead of deleting it.",
            ));
        }
        row.deleted_at = Some(now.0);
        row.updated_at = now.0;
        store::replace(tx, &row).await?;
        tx.count(CounterKey::new(room.tenant, room.mode, COUNTER), -1);
        Answer::deleted("coupon", &CouponView::from(&row))
    })
    .await
}

/// Makes the coupon that a one-time offer gives a buyer: for him alone, once, for one product, for a time.
///
/// # Errors
/// `AlreadyExists` where the code is taken.
pub async fn issue(tx: &Tx, deed: &Deed, asked: &Issue) -> Result<Model> {
    let room = &deed.room;
    let mut row = blank(deed.id(), room, asked.code.to_uppercase(), deed.now);
    asked.worth.store(&mut row);
    row.expires_at = Some(asked.until.0);
    row.usage_limit_global = Some(1);
    row.exclude_order_bumps = true;
    row.allowed_emails = vec![asked.email.to_lowercase()].into();
    row.allowed_products = vec![asked.product].into();
    row.offer = Some(asked.offer);
    row.offer_payment = Some(asked.payment);
    store::refuse_taken(tx, room, &row.code).await?;
    store::insert(tx, &row).await?;
    tx.count(CounterKey::new(room.tenant, room.mode, COUNTER), 1);
    Ok(row)
}

/// A code as it was written, where that is not how it is compared.
fn given(code: &str) -> Option<String> {
    (code.to_uppercase() != code).then(|| code.to_owned())
}

/// A coupon with every default and no worth.
fn blank(id: Uuid, room: &Room, code: String, now: Timestamp) -> Model {
    Model {
        id,
        tenant: room.tenant,
        mode: room.mode.into(),
        code: code.to_uppercase(),
        code_given: given(&code),
        name: String::new(),
        percent_ppm: None,
        amount_minor: None,
        currency: None,
        is_active: true,
        is_public: false,
        exclude_order_bumps: false,
        starts_at: now.0,
        expires_at: None,
        usage_limit_global: None,
        usage_limit_per_user: Some(PER_USER),
        allowed_emails: Vec::new().into(),
        allowed_products: Vec::new().into(),
        usage_count: 0,
        offer: None,
        offer_payment: None,
        created_at: now.0,
        updated_at: now.0,
        deleted_at: None,
    }
}

/// The row after a change of anything but its worth.
fn changed(old: &Model, change: &UpdateCoupon, now: Timestamp) -> Model {
    let mut new = old.clone();
    if let Some(code) = &change.code {
        (new.code, new.code_given) = (code.to_uppercase(), given(code));
    }
    new.name = change.name.clone().map_or(new.name, Option::unwrap_or_default);
    new.is_active = change.is_active.unwrap_or(new.is_active);
    new.is_public = change.is_public.unwrap_or(new.is_public);
    new.exclude_order_bumps = change.exclude_order_bumps.unwrap_or(new.exclude_order_bumps);
    // An explicit null means what leaving it out means at creation: from now on.
    new.starts_at = change.starts_at.map_or(new.starts_at, |at| at.unwrap_or(now).0);
    new.expires_at = change.expires_at.map_or(new.expires_at, |at| at.map(|at| at.0));
    new.usage_limit_global = change.usage_limit_global.unwrap_or(new.usage_limit_global);
    new.usage_limit_per_user = change.usage_limit_per_user.unwrap_or(new.usage_limit_per_user);
    if let Some(emails) = &change.allowed_emails {
        new.allowed_emails = emails.clone().into();
    }
    if let Some(products) = &change.allowed_product_ids {
        new.allowed_products = products.clone().into();
    }
    new
}

/// The product a coupon is for, where it is one alone.
fn only_product(row: &Model) -> Option<Uuid> {
    row.allowed_products
        .first()
        .copied()
        .filter(|_| row.allowed_products.len() == 1)
}

fn no_product() -> Error {
    Error::not_found("product").with_text("product.not_found")
}

fn missing() -> Error {
    Error::not_found("coupon").with_text("coupon.not_found")
}
