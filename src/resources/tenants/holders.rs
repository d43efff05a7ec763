//! Where the keys of people without a shop are: in a tenant of each such person's, which holds keys and nothing else. Nobody
//! is a member of it, so that no session acts for it, and it is in no list.

use super::store;
use crate::context::{Ctx, Room};
use crate::domain::{Error, Mode, Result};
use entities::key_holder;
use entities::tenant::Model;
use serde_json::json;

/// The room that holds the keys of the person who signed in; `None` before the first.
///
/// # Errors
/// `SessionRequired` where nobody did.
pub async fn room(ctx: &Ctx) -> Result<Option<Room>> {
    let row = store::held_by(ctx.store().read(), ctx.person()?.person).await?;
    Ok(row.and_then(|row| Room::of(&row, Mode::Live)))
}

/// The same, made where there is none.
///
/// # Errors
/// As [`room`].
pub async fn room_for_keys(ctx: &Ctx) -> Result<Room> {
    if let Some(room) = room(ctx).await? {
        return Ok(room);
    }
    let person = ctx.person()?.person;
    let row = Model {
        id: ctx.id(),
        route: ctx.house.ids.bytes::<8>().to_vec(),
        slug: format!("person-{}", person.simple()),
        name: "Keys of a person".to_owned(),
        dialect: ctx.dialect.name.clone(),
        limits: json!({}).into(),
        suspended: false,
        settings: json!({}).into(),
        created_at: ctx.now.0,
        updated_at: ctx.now.0,
    };
    let holder = key_holder::Model {
        person,
        tenant: row.id,
        created_at: ctx.now.0,
    };
    // Not by the call's own command, which keeps the answer: the answer is the key's.
    let made = ctx
        .store()
        .command(async move |tx| match store::held_by(tx, holder.person).await? {
            Some(known) => Ok(known),
            None => {
                store::insert(tx, &row).await?;
                store::hold(tx, &holder).await?;
                Ok(row.clone())
            }
        });
    Room::of(&made.await?, Mode::Live).ok_or_else(|| Error::internal("a new tenant has no route"))
}
