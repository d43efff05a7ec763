//! One function per operation. Whatever changes a key tells the tenant's actor to forget its copy before answering.

mod bulk;
mod create;
pub mod own;
mod rotate;

pub use bulk::revoke_raw;
pub use create::{create, grant};
pub use rotate::rotate;

use super::rules;
use super::store;
use super::types::{KeyView, ListKeys, Surroundings, UpdateKey};
use crate::context::{Answer, Ctx, Principal, Room};
use crate::domain::api_key::Digest;
use crate::domain::dialect::{Dialect, PageInfo, PageRequest};
use crate::domain::{Code, Error, Result};
use crate::store::AuditEntry;
use entities::api_key::Model;
use serde_json::{Value, json};
use std::sync::Arc;
use uuid::Uuid;

/// Keys a tenant may have that work.
const KEYS_MAX: u64 = 1_000;

/// Lists the room's keys, newest first, without their values.
///
/// # Errors
/// `Malformed` for a bad cursor.
pub async fn list(ctx: &Ctx, filter: ListKeys, page: PageRequest) -> Result<Answer> {
    let room = ctx.room()?;
    let around = surroundings(ctx, room).await?;
    let (rows, info) = store::list(ctx.store(), room, &filter, &page).await?;
    let views: Vec<KeyView> = rows.iter().map(|row| KeyView::new(row, &around)).collect();
    Answer::page("api_key", &views, info)
}

/// Lists every tenant's keys of the caller's dialect, for the operator; at most 10,000.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn list_all(ctx: &Ctx) -> Result<Answer> {
    let rows = store::list_all(ctx.store(), &ctx.dialect.name).await?;
    let view = |(row, tenant): &(Model, entities::tenant::Model)| {
        let around = Surroundings {
            slug: tenant.slug.clone(),
            grant: store::grant_of(tenant),
            dialects: ctx.house.dialects.clone(),
        };
        KeyView::new(row, &around)
    };
    let views: Vec<KeyView> = rows.iter().map(view).collect();
    Answer::page("api_key", &views, PageInfo::default())
}

/// Reads a key, without its value.
///
/// # Errors
/// `NotFound`.
pub async fn get(ctx: &Ctx, id: Uuid) -> Result<Answer> {
    let room = ctx.room()?;
    let row = store::find(ctx.store().read(), room, id).await?.ok_or_else(missing)?;
    Answer::one("api_key", &KeyView::new(&row, &surroundings(ctx, room).await?))
}

/// Says whether the key is there.
///
/// # Errors
/// `NotFound`.
pub async fn exists(ctx: &Ctx, id: Uuid) -> Result<()> {
    let found = store::find(ctx.store().read(), ctx.room()?, id).await?;
    found.map(|_| ()).ok_or_else(missing)
}

/// Changes a key that is not revoked.
///
/// # Errors
/// `NotFound`, `Validation`; `LimitReached` where it would be one too many that works.
pub async fn update(ctx: &Ctx, id: Uuid, change: UpdateKey) -> Result<Answer> {
    let room = ctx.room()?.clone();
    let row = store::find(ctx.store().read(), &room, id).await?.ok_or_else(missing)?;
    let around = surroundings(ctx, &room).await?;
    let dialect = dialect_of(ctx, &room, Some(&row.dialect))?;
    let scopes = match &change.scopes {
        Some(names) => Some(rules::each_once(dialect.scopes_granted(Some(names))?)),
        None => None,
    };
    let per_minute = rules::asked_limit(change.rate_limit_per_minute, &around.grant, &dialect)?;
    let networks = match &change.allowed_networks {
        Some(list) => Some(rules::networks(list.as_deref())?),
        None => None,
    };
    let expires_at = change.expires_at.map(|at| rules::ahead(at, ctx.now)).transpose()?;
    let (now, digest, route) = (ctx.now, digest_of(&row), room.route);
    let entry = entry(
        ctx,
        &room,
        "api_key.updated",
        id,
        json!({"fields": rules::fields_of(&change)}),
    );
    let answer = ctx
        .command(async move |tx| {
            let mut row = store::find(tx, &room, id).await?.ok_or_else(missing)?;
            rules::refuse_revoked(&row)?;
            if change.is_active == Some(true) && !row.is_active {
                refuse_one_too_many(store::count_working(tx, &room).await?)?;
            }
            row.name = change.name.clone().unwrap_or(row.name);
            row.note = change.note.clone().unwrap_or(row.note);
            row.scopes = scopes.clone().map_or(row.scopes, Into::into);
            row.per_minute = per_minute.or(row.per_minute);
            row.per_day = change.rate_limit_per_day.map_or(row.per_day, rules::column);
            row.expires_at = expires_at.unwrap_or(row.expires_at);
            row.allowed_networks = networks.clone().unwrap_or(row.allowed_networks);
            if let Some(is_active) = change.is_active {
                row.is_active = is_active;
                // What is switched on or off by hand no longer waits for the end of a rotation.
                row.grace_until_at = None;
            }
            row.updated_at = now.0;
            store::replace(tx, &row).await?;
            tx.audit(entry.clone());
            Answer::one("api_key", &KeyView::new(&row, &around))
        })
        .await?;
    ctx.house.actors.forget_key(route, digest).await;
    Ok(answer)
}

/// Revokes a key for ever; the row stays.
///
/// # Errors
/// `NotFound`; `Validation` where it is revoked already.
pub async fn revoke(ctx: &Ctx, id: Uuid, reason: Option<String>) -> Result<Answer> {
    let room = ctx.room()?.clone();
    let row = store::find(ctx.store().read(), &room, id).await?.ok_or_else(missing)?;
    let around = surroundings(ctx, &room).await?;
    let (now, digest, route) = (ctx.now, digest_of(&row), room.route);
    let entry = entry(ctx, &room, "api_key.revoked", id, json!({"reason": reason}));
    let answer = ctx
        .command(async move |tx| {
            let mut row = store::find(tx, &room, id).await?.ok_or_else(missing)?;
            rules::refuse_revoked(&row)?;
            rules::end(&mut row, now, reason.clone());
            store::replace(tx, &row).await?;
            tx.audit(entry.clone());
            Answer::deleted("api_key", &KeyView::new(&row, &around))
        })
        .await?;
    ctx.house.actors.forget_key(route, digest).await;
    Ok(answer)
}

/// The digest of a row; one that is not 32 bytes long is nobody's.
fn digest_of(row: &Model) -> Digest {
    Digest::from_slice(&row.digest).unwrap_or(Digest([0; 32]))
}

async fn surroundings(ctx: &Ctx, room: &Room) -> Result<Surroundings> {
    Ok(Surroundings {
        slug: room.slug.clone(),
        grant: store::grant(ctx.store(), room.tenant).await?,
        dialects: ctx.house.dialects.clone(),
    })
}

fn dialect_of(ctx: &Ctx, room: &Room, name: Option<&str>) -> Result<Arc<Dialect>> {
    let name = name.unwrap_or(&room.dialect);
    let found = ctx.house.dialects.get(name).cloned();
    found.ok_or_else(|| Error::field("dialect", "unknown", format!("There is no dialect `{name}`.")))
}

/// The scopes of a new key; the operator, who may do everything, gives everything where he names none.
fn scopes_of(ctx: &Ctx, dialect: &Dialect, asked: Option<&[String]>) -> Result<Vec<String>> {
    match (&ctx.principal, asked) {
        (Principal::Operator { .. }, None) => Ok(vec!["*".to_owned()]),
        _ => dialect.scopes_granted(asked).map(rules::each_once),
    }
}

fn refuse_one_too_many(working: u64) -> Result<()> {
    if working < KEYS_MAX {
        return Ok(());
    }
    Err(Error::new(Code::LimitReached, "A shop can have 1000 keys that work."))
}

fn entry(ctx: &Ctx, room: &Room, action: &str, target: Uuid, detail: Value) -> AuditEntry {
    AuditEntry {
        id: ctx.id(),
        tenant: room.tenant,
        actor: ctx.principal.name().unwrap_or_default(),
        action: action.to_owned(),
        target: target.to_string(),
        detail,
        happened_at: ctx.now,
    }
}

fn missing() -> Error {
    Error::not_found("API key").with_text("api_key.not_found")
}
