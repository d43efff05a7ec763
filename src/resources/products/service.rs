//! One function per operation; every command is one transaction with its events.
//!
//! `create` and `update` write, `around` keeps what stands around a product: its labels and its parts.

mod around;
mod create;
pub(super) mod update;

pub use create::create;
pub use update::update;

use super::rules::selling;
use super::store;
use super::types::{ListProducts, ProductView};
use crate::context::{Answer, Ctx, Principal, Room};
use crate::domain::dialect::{PageInfo, PageRequest};
use crate::domain::{Code, Error, Event, Result, Timestamp};
use crate::store::counters::CounterKey;
use crate::store::{Tx, known};
use around::Around;
use entities::product::{Model, Status};
use sea_orm::ConnectionTrait;
use std::collections::HashMap;
use uuid::Uuid;

/// Name of the counter row behind unfiltered totals.
pub const COUNTER: &str = "products";
/// The same, of those that are published.
pub const COUNTER_ACTIVE: &str = "products.active";
/// The same, of those that are not published yet.
pub(super) const COUNTER_DRAFT: &str = "products.draft";
/// The same, of those that are not for sale any more.
pub(super) const COUNTER_ARCHIVED: &str = "products.archived";

/// Lists the room's products.
///
/// # Errors
/// `Malformed` for a cursor that is none of ours.
pub async fn list(ctx: &Ctx, filter: ListProducts, page: PageRequest) -> Result<Answer> {
    let room = ctx.room()?;
    let (rows, info) = store::list(ctx.store(), room, &filter, &page).await?;
    let views = around::rows(ctx.store().read(), room, &rows, &filter.embed).await?;
    Answer::page("product", &views, info)
}

/// Lists products: the room's own, or for an operator who names no creator all that the license server knows.
///
/// # Errors
/// As [`list`].
pub async fn list_all(ctx: &Ctx, filter: ListProducts, page: PageRequest) -> Result<Answer> {
    if !matches!(ctx.principal, Principal::Operator { named: None }) {
        return list(ctx, filter, page).await;
    }
    let db = ctx.store().read();
    let rows = store::list_everywhere(db, &filter).await?;
    let mut views = Vec::with_capacity(rows.len());
    for part in rows.chunk_by(|a, b| a.tenant == b.tenant && a.mode == b.mode) {
        let Some(first) = part.first() else { continue };
        if let Some(room) = Room::find(db, first.tenant, first.mode).await? {
            views.extend(around::rows(db, &room, part, &filter.embed).await?);
        }
    }
    Answer::page("product", &views, PageInfo::default())
}

/// Reads a product.
///
/// # Errors
/// `NotFound`.
pub async fn get(ctx: &Ctx, id: Uuid) -> Result<Answer> {
    let (room, db) = (ctx.room()?, ctx.store().read());
    let (row, labels) = store::with_labels(db, room, id).await?.ok_or_else(missing)?;
    let around = Around::with(db, room, &row, labels).await?;
    Answer::one("product", &around.into_view(&row))
}

/// The product of the room, where it is there.
///
/// # Errors
/// What the database says.
pub async fn find(db: &impl ConnectionTrait, room: &Room, id: Uuid) -> Result<Option<Model>> {
    store::find(db, room, id).await
}

/// Those of these products that are there, by id.
///
/// # Errors
/// What the database says.
pub async fn by_ids(db: &impl ConnectionTrait, room: &Room, ids: &[Uuid]) -> Result<HashMap<Uuid, Model>> {
    let rows = store::by_ids(db, room, ids).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// The parts of a bundle in their order; none for what is no bundle.
///
/// # Errors
/// What the database says.
pub async fn parts(db: &impl ConnectionTrait, room: &Room, product: Uuid) -> Result<Vec<Model>> {
    store::parts(db, room, product).await
}

/// The currency a product's amounts stand in.
///
/// # Errors
/// `NotFound`.
pub async fn currency(ctx: &Ctx, id: Uuid) -> Result<String> {
    let row = store::find(ctx.store().read(), ctx.room()?, id).await?;
    Ok(row.ok_or_else(missing)?.currency)
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

/// Deletes a product; its row stays and keeps its slug.
///
/// # Errors
/// `NotFound`; `Conflict` while licences of it are alive, once it was sold or given, or where a bundle on sale would be
/// left without parts.
pub async fn delete(ctx: &Ctx, id: Uuid) -> Result<Answer> {
    let room = ctx.room()?.clone();
    let (now, event_id) = (ctx.now, ctx.id());
    ctx.command(async move |tx| {
        let mut row = store::find(tx, &room, id).await?.ok_or_else(missing)?;
        let refusal = match row.licenses_count {
            1.. => Some("Licences of this product are alive; archive it instead."),
            _ if store::has_history(tx, &room, id).await? => {
                Some("This product was sold or given to somebody; archive it instead.")
            }
            _ if store::is_last_part(tx, &room, id).await? => {
                Some("A bundle on sale has no other part; change the bundle first.")
            }
            _ => None,
        };
        if let Some(text) = refusal {
            return Err(Error::new(Code::Conflict, text));
        }
        let around = Around::of(tx, &room, &row).await?;
        store::unlink(tx, &room, id, now).await?;
        count(tx, &room, Some(row.status), None);
        row.deleted_at = Some(now.0);
        row.updated_at = now.0;
        store::replace(tx, &row).await?;
        let view = around.view(&row);
        tx.emit(event(event_id, &room, "product.deleted", &view, now)?);
        Answer::deleted("product", &view)
    })
    .await
}

/// Keeps the totals right when a product comes, changes or goes, and has narrowed lists sought anew.
pub(super) fn count(tx: &Tx, room: &Room, before: Option<Status>, after: Option<Status>) {
    let by = |is_there: fn(Option<Status>) -> bool| i64::from(is_there(after)) - i64::from(is_there(before));
    let key = |name: &str| CounterKey::new(room.tenant, room.mode, name);
    tx.count(key(known::PRODUCTS), 1);
    for (name, by) in [
        (COUNTER, by(|status| status.is_some())),
        (COUNTER_ACTIVE, by(|status| status == Some(Status::Published))),
        (COUNTER_DRAFT, by(|status| status == Some(Status::Draft))),
        (COUNTER_ARCHIVED, by(|status| status == Some(Status::Archived))),
    ] {
        if by != 0 {
            tx.count(key(name), by);
        }
    }
}

/// Counts a sale of a product, or with -1 one that was given back.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn count_sales(tx: &Tx, room: &Room, id: Uuid, by: i64) -> Result<()> {
    store::count_sales(tx, room, id, by).await
}

/// Whether a product is paid for again and again.
pub fn is_subscription(row: &Model) -> bool {
    selling::is_subscription(row)
}

/// Whether a product is made of others.
pub fn is_bundle(row: &Model) -> bool {
    selling::is_bundle(row)
}

/// A product of whatever tenant, deleted or not, and whose it is: what was sold stays known to its buyer.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn sold(db: &impl sea_orm::ConnectionTrait, id: Uuid) -> Result<Option<(Room, Model)>> {
    store::sold(db, id).await
}

/// A live or test product of whatever tenant, and whose it is: for buyers, who name a product and no shop.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn shop_of(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<(Room, Model)>> {
    store::with_shop(db, id).await
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
