//! One function per operation.

pub mod access;

use super::store;
use super::types::{ListUsers, UserView};
use crate::context::{Answer, Ctx};
use crate::domain::dialect::PageRequest;
use crate::domain::{Error, Result};
use crate::resources::customers::service as customers;
use entities::customer::Model;
use uuid::Uuid;

/// Lists the room's customers.
///
/// # Errors
/// `Malformed` for a cursor that is none of ours.
pub async fn list(ctx: &Ctx, filter: ListUsers, page: PageRequest) -> Result<Answer> {
    let (db, room) = (ctx.store().read(), ctx.room()?);
    let (rows, info) = store::list::page(ctx.store(), room, &filter, &page).await?;
    let presence = store::presence(db, &rows).await?;
    let owned = store::owned(db, room, rows.iter().map(|row| row.id).collect()).await?;
    let view = |row: &Model| {
        let presence = row.person.and_then(|person| presence.get(&person)).copied();
        UserView::of(
            row,
            presence.unwrap_or_default(),
            owned.get(&row.id).map_or(&[][..], Vec::as_slice),
        )
    };
    let views: Vec<UserView> = rows.iter().map(view).collect();
    Answer::page("user", &views, info)
}

/// Reads a customer.
///
/// # Errors
/// `NotFound`.
pub async fn get(ctx: &Ctx, id: Uuid) -> Result<Answer> {
    let (db, room) = (ctx.store().read(), ctx.room()?);
    let row = found(ctx, id).await?;
    let presence = store::presence(db, std::slice::from_ref(&row)).await?;
    let presence = row.person.and_then(|person| presence.get(&person)).copied();
    let owned = store::owned(db, room, vec![id]).await?.remove(&id).unwrap_or_default();
    let mut view = UserView::of(&row, presence.unwrap_or_default(), &owned);
    for (access, (_, product)) in view.product_access.iter_mut().zip(&owned) {
        access.product_description = Some(product.description.clone().unwrap_or_default());
    }
    Answer::one("user", &view)
}

/// Says whether the customer is there.
///
/// # Errors
/// `NotFound`.
pub async fn exists(ctx: &Ctx, id: Uuid) -> Result<()> {
    found(ctx, id).await.map(|_| ())
}

async fn found(ctx: &Ctx, id: Uuid) -> Result<Model> {
    let found = customers::find(ctx.store().read(), ctx.room()?, id).await?;
    found.ok_or_else(missing)
}

fn missing() -> Error {
    Error::not_found("user").with_text("user.not_found")
}
