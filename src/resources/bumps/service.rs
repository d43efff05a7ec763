//! One function per operation, and what a checkout asks.

use super::store;
use super::types::{BumpView, CreateBump, ListBumps, UpdateBump};
use crate::context::{Answer, Ctx, Room};
use crate::domain::dialect::PageRequest;
use crate::domain::money;
use crate::domain::{Code, Error, FieldError, Result};
use crate::resources::products::service as products;
use crate::store::Tx;
use entities::order_bump::Model;
use entities::product;
use sea_orm::ConnectionTrait;
use std::collections::HashMap;
use uuid::Uuid;

/// Lists the room's order bumps.
///
/// # Errors
/// `Malformed` for a cursor that is none of ours.
pub async fn list(ctx: &Ctx, filter: ListBumps, page: PageRequest) -> Result<Answer> {
    let room = ctx.room()?;
    let (rows, info) = store::list(ctx.store(), room, filter.product_id, &page).await?;
    let views = views(ctx.store().read(), room, &rows).await?;
    Answer::page("order_bump", &views, info)
}

/// Offers a product beside another.
///
/// # Errors
/// `Validation` for products that are not there, not active or the same; `AlreadyExists` for the same pair again.
pub async fn create(ctx: &Ctx, form: CreateBump) -> Result<Answer> {
    let room = ctx.room()?.clone();
    let row = Model {
        id: ctx.id(),
        tenant: room.tenant,
        mode: room.mode.into(),
        main_product: form.main_product_id,
        bump_product: form.bump_product_id,
        title: form.title,
        description: form.description,
        price_minor: form.price_minor,
        is_active: form.is_active,
        display_order: form.display_order,
        access_duration_days: form.access_duration_days,
        urgency_duration_minutes: form.urgency_duration_minutes,
        created_at: ctx.now.0,
        updated_at: ctx.now.0,
    };
    ctx.command(async move |tx| {
        let known = judged(tx, &room, &row, true).await?;
        store::insert(tx, &row).await?;
        Answer::created("order_bump", &view(&row, &known))
    })
    .await
}

/// Reads an order bump.
///
/// # Errors
/// `NotFound`.
pub async fn get(ctx: &Ctx, id: Uuid) -> Result<Answer> {
    let (room, db) = (ctx.room()?, ctx.store().read());
    let row = store::find(db, room, id).await?.ok_or_else(missing)?;
    let known = products::by_ids(db, room, &[row.main_product, row.bump_product]).await?;
    Answer::one("order_bump", &view(&row, &known))
}

/// Changes an order bump; what is not named stays.
///
/// # Errors
/// `NotFound`; as [`create`]; `Validation` for another main product.
pub async fn update(ctx: &Ctx, id: Uuid, change: UpdateBump) -> Result<Answer> {
    let room = ctx.room()?.clone();
    let now = ctx.now;
    ctx.command(async move |tx| {
        let old = store::find(tx, &room, id).await?.ok_or_else(missing)?;
        if change.main_product_id.is_some_and(|main| main != old.main_product) {
            return Err(Error::field("main_product_id", "immutable", "The main product cannot change"));
        }
        let mut new = changed(&old, &change);
        let is_other = new.bump_product != old.bump_product;
        let known = judged(tx, &room, &new, is_other).await?;
        if is_other && change.price_minor.is_none() && new.price_minor.is_some() {
            refuse_other_scale(tx, &room, &old, &new).await?;
        }
        if new != old {
            new.updated_at = now.0;
            store::replace(tx, &new).await?;
        }
        Answer::one("order_bump", &view(&new, &known))
    })
    .await
}

fn changed(old: &Model, change: &UpdateBump) -> Model {
    let mut new = old.clone();
    new.bump_product = change.bump_product_id.unwrap_or(new.bump_product);
    new.title = change.title.clone().unwrap_or(new.title);
    new.description = change.description.clone().unwrap_or(new.description);
    new.price_minor = change.price_minor.unwrap_or(new.price_minor);
    new.is_active = change.is_active.unwrap_or(new.is_active);
    new.display_order = change.display_order.unwrap_or(new.display_order);
    new.access_duration_days = change.access_duration_days.unwrap_or(new.access_duration_days);
    new.urgency_duration_minutes = change.urgency_duration_minutes.unwrap_or(new.urgency_duration_minutes);
    new
}

/// Deletes an order bump; orders that had it keep it.
///
/// # Errors
/// `NotFound`.
pub async fn delete(ctx: &Ctx, id: Uuid) -> Result<Answer> {
    let room = ctx.room()?.clone();
    ctx.command(async move |tx| {
        let row = store::find(tx, &room, id).await?.ok_or_else(missing)?;
        store::delete(tx, &room, id).await?;
        Answer::deleted("order_bump", &view(&row, &HashMap::new()))
    })
    .await
}

/// Says whether the bump is there.
///
/// # Errors
/// `NotFound`.
pub async fn exists(ctx: &Ctx, id: Uuid) -> Result<()> {
    let found = store::find(ctx.store().read(), ctx.room()?, id).await?;
    found.map(|_| ()).ok_or_else(missing)
}

/// The currency of a product that is to be offered.
///
/// # Errors
/// `Validation` where there is no such product.
pub async fn currency(ctx: &Ctx, product: Uuid) -> Result<String> {
    let found = products::find(ctx.store().read(), ctx.room()?, product).await?;
    found
        .map(|row| row.currency)
        .ok_or_else(|| Error::fields(vec![unknown("bump_product_id")]))
}

/// The currency of the product a bump offers.
///
/// # Errors
/// `NotFound`.
pub async fn currency_of(ctx: &Ctx, id: Uuid) -> Result<String> {
    let found = store::find(ctx.store().read(), ctx.room()?, id).await?.ok_or_else(missing)?;
    currency(ctx, found.bump_product).await
}

/// The bumps a buyer ticked on a main product's checkout, each with its product, in the order they are shown.
///
/// # Errors
/// `Validation` for an id that is not offered there.
pub async fn for_checkout(
    db: &impl ConnectionTrait,
    room: &Room,
    main_product: &product::Model,
    ids: &[Uuid],
) -> Result<Vec<(Model, product::Model)>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let offered = offered(db, room, main_product).await?;
    let wrong = ids
        .iter()
        .enumerate()
        .filter(|(_, id)| !offered.iter().any(|(row, _)| row.id == **id));
    let faults: Vec<FieldError> = wrong
        .map(|(place, _)| FieldError {
            field: format!("order_bump_ids.{place}").into(),
            message: "This is not offered with the product".into(),
            rule: "unknown",
        })
        .collect();
    if !faults.is_empty() {
        return Err(Error::fields(faults));
    }
    Ok(offered.into_iter().filter(|(row, _)| ids.contains(&row.id)).collect())
}

/// What a ticked bump costs, and for how many days it may be used; `None` is for ever.
pub fn terms(row: &Model, product: &product::Model) -> (i64, Option<i64>) {
    let own = product
        .attributes
        .get("auto_grant_duration_days")
        .and_then(serde_json::Value::as_i64);
    let days = match row.access_duration_days {
        None => own,
        Some(0) => None,
        days => days,
    };
    (row.price_minor.unwrap_or(product.price_minor), days)
}

/// Every bump that a main product's checkout offers at present, each with its product, in order: what is on sale, paid
/// once, and in the same currency, so that all of it is one payment.
///
/// # Errors
/// What the database says.
pub async fn offered(
    db: &impl ConnectionTrait,
    room: &Room,
    main_product: &product::Model,
) -> Result<Vec<(Model, product::Model)>> {
    let rows = store::active(db, room, main_product.id).await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.bump_product).collect();
    let mut known = products::by_ids(db, room, &ids).await?;
    known.retain(|_, product| {
        let is_on_sale = product.status == product::Status::Published;
        is_on_sale && product.currency == main_product.currency && !products::is_subscription(product)
    });
    let offered = rows.into_iter().filter_map(|row| {
        let product = known.get(&row.bump_product)?.clone();
        Some((row, product))
    });
    Ok(offered.collect())
}

/// The two products of a bump, if they may stand in it; `is_new` where they have to be active.
async fn judged(tx: &Tx, room: &Room, row: &Model, is_new: bool) -> Result<HashMap<Uuid, product::Model>> {
    let known = products::by_ids(tx, room, &[row.main_product, row.bump_product]).await?;
    let mut faults = Vec::new();
    for (field, id) in [("main_product_id", row.main_product), ("bump_product_id", row.bump_product)] {
        match known.get(&id) {
            None => faults.push(unknown(field)),
            Some(product) if is_new && product.status != product::Status::Published => faults.push(FieldError {
                field: field.into(),
                message: "This product is not active".into(),
                rule: "inactive",
            }),
            Some(_) => {}
        }
    }
    if row.main_product == row.bump_product {
        faults.push(FieldError {
            field: "bump_product_id".into(),
            message: "A product cannot be offered beside itself".into(),
            rule: "same",
        });
    }
    if !faults.is_empty() {
        return Err(Error::fields(faults));
    }
    match store::pair(tx, room, row.main_product, row.bump_product).await? {
        Some(other) if other != row.id => Err(Error::new(
            Code::AlreadyExists,
            "This product is offered there already; change that order bump instead.",
        )),
        _ => Ok(known),
    }
}

/// A price keeps its digits when the product changes, so both must count their units alike.
async fn refuse_other_scale(tx: &Tx, room: &Room, old: &Model, new: &Model) -> Result<()> {
    let known = products::by_ids(tx, room, &[old.bump_product, new.bump_product]).await?;
    let exponent = |id: Uuid| {
        let code = known.get(&id).map_or("USD", |product| product.currency.as_str());
        money::exponent(code)
    };
    if exponent(old.bump_product) == exponent(new.bump_product) {
        return Ok(());
    }
    Err(Error::field(
        "price_minor",
        "currency",
        "The other product has another currency; name the price too",
    ))
}

fn unknown(field: &'static str) -> FieldError {
    FieldError {
        field: field.into(),
        message: "There is no product with this id".into(),
        rule: "unknown",
    }
}

fn view(row: &Model, known: &HashMap<Uuid, product::Model>) -> BumpView {
    BumpView::new(row, known.get(&row.main_product), known.get(&row.bump_product))
}

async fn views(db: &impl ConnectionTrait, room: &Room, rows: &[Model]) -> Result<Vec<BumpView>> {
    let ids: Vec<Uuid> = rows.iter().flat_map(|row| [row.main_product, row.bump_product]).collect();
    let known = products::by_ids(db, room, &ids).await?;
    Ok(rows.iter().map(|row| view(row, &known)).collect())
}

fn missing() -> Error {
    Error::not_found("order bump")
}
