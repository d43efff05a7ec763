//! One function per operation; every command is one transaction with its events.

use super::rules;
use super::store;
use super::types::{CreateProduct, ListProducts, ProductView, UpdateProduct};
use crate::context::{Answer, Ctx, Room};
use crate::domain::dialect::PageRequest;
use crate::domain::{Code, Error, Event, Result, Timestamp};
use crate::store::Tx;
use crate::store::counters::CounterKey;
use crate::store::names::{LICENSE_SERVER, MARKETPLACE};
use entities::product::{Model, Status};
use serde_json::{Value, json};
use uuid::Uuid;

/// Name of the counter row behind unfiltered totals.
pub(super) const COUNTER: &str = "products";

/// Lists the room's products.
///
/// # Errors
/// `Malformed` for a cursor that is none of ours.
pub async fn list(ctx: &Ctx, filter: ListProducts, page: PageRequest) -> Result<Answer> {
    let room = ctx.room()?;
    let (rows, info) = store::list(ctx.store(), room, &filter, &page).await?;
    let views: Vec<ProductView> = rows.iter().map(ProductView::from).collect();
    Answer::page("product", &views, info)
}

/// Creates a product.
///
/// # Errors
/// `AlreadyExists` where the slug is taken.
pub async fn create(ctx: &Ctx, form: CreateProduct) -> Result<Answer> {
    let room = ctx.room()?.clone();
    let derived = form.slug.is_none();
    let slug = form.slug.clone().unwrap_or_else(|| rules::slug_of(&form.name));
    let (status, is_listed) = rules::state(&form.rest, Status::Published, true);
    let namespace = form
        .namespace
        .as_deref()
        .and_then(|name| [MARKETPLACE, LICENSE_SERVER].into_iter().find(|known| *known == name));
    let (id, now) = (ctx.id(), ctx.now);
    let row = Model {
        id,
        tenant: room.tenant,
        mode: room.mode.into(),
        slug,
        name: form.name.clone(),
        description: form.rest.description.clone().flatten(),
        kind: form.rest.kind.clone().flatten(),
        published_at: (status == Status::Published).then_some(now.0),
        status,
        is_listed,
        price_minor: form.rest.price_minor.unwrap_or(0),
        currency: form.rest.currency.clone().unwrap_or_else(|| "USD".to_owned()),
        key_prefix: form.rest.key_prefix.clone().unwrap_or_else(|| "LIC".to_owned()),
        metadata: form.rest.metadata.clone().unwrap_or_else(|| json!({})).into(),
        attributes: Value::Object(form.rest.attributes.clone()).into(),
        licenses_count: 0,
        namespace: namespace.map(str::to_owned),
        category: form.rest.category.clone().flatten(),
        shelved_at: None,
        rating_sum: 0,
        rating_count: 0,
        rating_rank: 0,
        sales_count: 0,
        views_count: 0,
        created_at: now.0,
        updated_at: now.0,
        deleted_at: None,
    };
    let event_ids = [ctx.id(), ctx.id()];
    ctx.command(async move |tx| {
        let mut row = row.clone();
        if derived {
            row.slug = store::free_slug(tx, &room, &row.slug, namespace).await?;
        } else {
            store::refuse_taken(tx, &room, &row.slug).await?;
        }
        if let Some(namespace) = namespace {
            store::claim_name(tx, namespace, &row).await?;
        }
        store::insert(tx, &row).await?;
        tx.count(CounterKey::new(room.tenant, room.mode, COUNTER), 1);
        let view = ProductView::from(&row);
        tx.emit(event(event_ids[0], &room, "product.created", &view, now)?);
        if view.is_active {
            tx.emit(event(event_ids[1], &room, "product.published", &view, now)?);
        }
        Answer::created("product", &view)
    })
    .await
}

/// Reads a product.
///
/// # Errors
/// `NotFound`.
pub async fn get(ctx: &Ctx, id: Uuid) -> Result<Answer> {
    let row = store::find(ctx.store().read(), ctx.room()?, id).await?.ok_or_else(missing)?;
    Answer::one("product", &ProductView::from(&row))
}

/// Says whether the product is there.
///
/// # Errors
/// `NotFound`.
pub async fn exists(ctx: &Ctx, id: Uuid) -> Result<()> {
    store::find(ctx.store().read(), ctx.room()?, id)
        .await?
        .map(|_| ())
        .ok_or_else(missing)
}

/// The id behind an own product's address.
///
/// # Errors
/// `NotFound`.
pub async fn id_of_slug(ctx: &Ctx, slug: &str) -> Result<Uuid> {
    store::find_by_slug(ctx.store().read(), ctx.room()?, slug)
        .await?
        .map(|row| row.id)
        .ok_or_else(missing)
}

/// Changes a product; what is not named stays.
///
/// # Errors
/// `NotFound`, `AlreadyExists` where the new slug is taken, `Validation` where the slug may not change.
pub async fn update(ctx: &Ctx, id: Uuid, change: UpdateProduct) -> Result<Answer> {
    let room = ctx.room()?.clone();
    let (now, event_ids) = (ctx.now, [ctx.id(), ctx.id()]);
    ctx.command(async move |tx| {
        let old = store::find(tx, &room, id).await?.ok_or_else(missing)?;
        if change.code.as_ref().is_some_and(|code| *code != old.slug) {
            return Err(Error::field("code", "immutable", "code cannot change"));
        }
        let new = changed(&old, &change, now);
        if new == old {
            return Answer::one("product", &ProductView::from(&old));
        }
        if new.slug != old.slug {
            store::rename(tx, &room, &old, &new.slug).await?;
        }
        store::replace(tx, &new).await?;
        let view = ProductView::from(&new);
        tx.emit(event(event_ids[0], &room, "product.updated", &view, now)?);
        if new.status == Status::Published && old.status != Status::Published {
            tx.emit(event(event_ids[1], &room, "product.published", &view, now)?);
        }
        Answer::one("product", &view)
    })
    .await
}

/// The row after a change; the same row where nothing changes.
fn changed(old: &Model, change: &UpdateProduct, now: Timestamp) -> Model {
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
    if new != *old {
        new.updated_at = now.0;
    }
    new
}

/// Deletes a product; its row stays and keeps its slug.
///
/// # Errors
/// `NotFound`, `Conflict` while licences of it are alive.
pub async fn delete(ctx: &Ctx, id: Uuid) -> Result<Answer> {
    let room = ctx.room()?.clone();
    let (now, event_id) = (ctx.now, ctx.id());
    ctx.command(async move |tx| {
        let mut row = store::find(tx, &room, id).await?.ok_or_else(missing)?;
        if row.licenses_count > 0 {
            return Err(Error::new(
                Code::Conflict,
                "Licences of this product are alive; archive it instead.",
            ));
        }
        row.deleted_at = Some(now.0);
        row.updated_at = now.0;
        store::replace(tx, &row).await?;
        tx.count(CounterKey::new(room.tenant, room.mode, COUNTER), -1);
        let view = ProductView::from(&row);
        tx.emit(event(event_id, &room, "product.deleted", &view, now)?);
        Answer::deleted("product", &view)
    })
    .await
}

/// Counts a sale of a product, or with -1 one that was given back.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn count_sales(tx: &Tx, room: &Room, id: Uuid, by: i64) -> Result<()> {
    store::count_sales(tx, room, id, by).await
}

fn event(id: Uuid, room: &Room, name: &str, view: &ProductView, now: Timestamp) -> Result<Event> {
    Ok(Event {
        id,
        tenant: room.tenant,
        mode: room.mode,
        name: name.to_owned(),
        view: "product".to_owned(),
        data: serde_json::to_value(view).map_err(Error::internal)?,
        products: vec![view.id],
        created_at: now,
    })
}

fn missing() -> Error {
    Error::not_found("product").with_text("product.not_found")
}

/// The parts of a bundle, in order.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn parts(db: &impl sea_orm::ConnectionTrait, room: &Room, id: Uuid) -> Result<Vec<Model>> {
    let Some(bundle) = store::find(db, room, id).await? else {
        return Ok(Vec::new());
    };
    let mut parts = Vec::new();
    for id in bundle
        .attributes
        .get("bundle_item_ids")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let id = id.as_str().and_then(|id| Uuid::parse_str(id).ok());
        if let Some(id) = id
            && let Some(part) = store::find(db, room, id).await?
        {
            parts.push(part);
        }
    }
    Ok(parts)
}

/// A live or test product of whatever tenant, and whose it is: for buyers, who name a product and no shop.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn shop_of(db: &impl sea_orm::ConnectionTrait, id: Uuid) -> Result<Option<(Room, Model)>> {
    store::with_shop(db, id).await
}
