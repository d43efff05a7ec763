//! One function per operation, and what products ask of labels.

use super::store;
use super::types::{CreateLabel, LabelRef, LabelView, ListLabels, UpdateLabel};
use crate::context::{Answer, Ctx, Room};
use crate::domain::dialect::PageRequest;
use crate::domain::{Code, Error, FieldError, Result};
use crate::store::counters::CounterKey;
use crate::store::{Tx, known};
pub use entities::label::Kind;
use entities::label::Model;
use sea_orm::ConnectionTrait;
use std::collections::HashMap;
use uuid::Uuid;

/// The noun of a kind: its view, and, in the plural, its counter.
const fn noun(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Tag => ("tag", "tags"),
        Kind::Category => ("category", "categories"),
    }
}

fn missing(kind: Kind) -> Error {
    Error::not_found(noun(kind).0)
}

fn counter(room: &Room, kind: Kind) -> CounterKey {
    CounterKey::new(room.tenant, room.mode, noun(kind).1)
}

/// Products are found by their labels.
fn products_changed(room: &Room) -> CounterKey {
    CounterKey::new(room.tenant, room.mode, known::PRODUCTS)
}

/// Lists the room's labels of a kind.
///
/// # Errors
/// `Malformed` for a cursor that is none of ours.
pub async fn list(ctx: &Ctx, kind: Kind, filter: ListLabels, page: PageRequest) -> Result<Answer> {
    let room = ctx.room()?;
    let (rows, info) = store::list(ctx.store(), (room, kind), &counter(room, kind), &filter, &page).await?;
    let views: Vec<LabelView> = rows.iter().map(LabelView::from).collect();
    Answer::page(noun(kind).0, &views, info)
}

/// Creates a label.
///
/// # Errors
/// `AlreadyExists` where the slug is taken.
pub async fn create(ctx: &Ctx, kind: Kind, form: CreateLabel) -> Result<Answer> {
    let room = ctx.room()?.clone();
    let row = Model {
        id: ctx.id(),
        tenant: room.tenant,
        mode: room.mode.into(),
        kind,
        name: form.name,
        slug: form.slug,
        created_at: ctx.now.0,
    };
    ctx.command(async move |tx| {
        refuse_taken(tx, &room, &row).await?;
        store::insert(tx, &row).await?;
        tx.count(counter(&room, kind), 1);
        Answer::created(noun(kind).0, &LabelView::from(&row))
    })
    .await
}

/// Reads a label.
///
/// # Errors
/// `NotFound`.
pub async fn get(ctx: &Ctx, kind: Kind, id: Uuid) -> Result<Answer> {
    let found = store::find(ctx.store().read(), ctx.room()?, kind, id).await?;
    Answer::one(noun(kind).0, &LabelView::from(&found.ok_or_else(|| missing(kind))?))
}

/// Says whether the label is there.
///
/// # Errors
/// `NotFound`.
pub async fn exists(ctx: &Ctx, kind: Kind, id: Uuid) -> Result<()> {
    let found = store::find(ctx.store().read(), ctx.room()?, kind, id).await?;
    found.map(|_| ()).ok_or_else(|| missing(kind))
}

/// Changes a label.
///
/// # Errors
/// `NotFound`; `Malformed` where nothing is named; `AlreadyExists` where the new slug is taken.
pub async fn update(ctx: &Ctx, kind: Kind, id: Uuid, change: UpdateLabel) -> Result<Answer> {
    if change.name.is_none() && change.slug.is_none() {
        exists(ctx, kind, id).await?;
        return Err(Error::malformed("Send a name or a slug."));
    }
    let room = ctx.room()?.clone();
    ctx.command(async move |tx| {
        let mut row = store::find(tx, &room, kind, id).await?.ok_or_else(|| missing(kind))?;
        row.name = change.name.clone().unwrap_or(row.name);
        row.slug = change.slug.clone().unwrap_or(row.slug);
        refuse_taken(tx, &room, &row).await?;
        store::replace(tx, &row).await?;
        tx.count(products_changed(&room), 1);
        Answer::one(noun(kind).0, &LabelView::from(&row))
    })
    .await
}

/// Deletes a label and takes it off every product.
///
/// # Errors
/// `NotFound`.
pub async fn delete(ctx: &Ctx, kind: Kind, id: Uuid) -> Result<Answer> {
    let room = ctx.room()?.clone();
    ctx.command(async move |tx| {
        let row = store::find(tx, &room, kind, id).await?.ok_or_else(|| missing(kind))?;
        store::delete(tx, &room, id).await?;
        tx.count(counter(&room, kind), -1);
        tx.count(products_changed(&room), 1);
        Answer::deleted(noun(kind).0, &LabelView::from(&row))
    })
    .await
}

async fn refuse_taken(tx: &Tx, room: &Room, row: &Model) -> Result<()> {
    match store::holder(tx, room, row.kind, &row.slug).await? {
        Some(id) if id != row.id => Err(Error::new(
            Code::AlreadyExists,
            format!("A {} with the slug `{}` exists.", noun(row.kind).0, row.slug),
        )),
        _ => Ok(()),
    }
}

/// The labels of some products, by product and kind, in the order they were given.
pub type LabelsOf = HashMap<(Uuid, Kind), Vec<LabelRef>>;

/// The labels of some products.
///
/// # Errors
/// What the database says.
pub async fn of(db: &impl ConnectionTrait, room: &Room, products: &[Uuid]) -> Result<LabelsOf> {
    let mut found = LabelsOf::new();
    for (product, label) in store::of_products(db, room, products).await? {
        found.entry((product, label.kind)).or_default().push(label.into());
    }
    Ok(found)
}

/// Puts a set of labels of one kind in the place of the product's own; names every id that is none of the room's.
///
/// # Errors
/// What the database says.
pub async fn link(tx: &Tx, room: &Room, product: Uuid, (kind, ids): (Kind, &[Uuid])) -> Result<Vec<FieldError>> {
    let known = store::known(tx, room, kind, ids).await?;
    let unknown = |(place, id): (usize, &Uuid)| {
        (!known.contains(id)).then(|| FieldError {
            field: format!("{}.{place}", noun(kind).1).into(),
            message: format!("There is no {} with this id", noun(kind).0).into(),
            rule: "unknown",
        })
    };
    let faults: Vec<FieldError> = ids.iter().enumerate().filter_map(unknown).collect();
    if faults.is_empty() {
        store::replace_links(tx, room, product, (kind, ids)).await?;
    }
    Ok(faults)
}
