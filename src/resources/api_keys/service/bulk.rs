//! Revoking by a key's text, or all of a creator's at once.

use super::{digest_of, missing};
use crate::context::{Answer, Ctx, Room};
use crate::domain::api_key::Digest;
use crate::domain::dialect::Done;
use crate::domain::{Error, Result};
use crate::resources::api_keys::rules;
use crate::resources::api_keys::store;
use crate::resources::api_keys::types::RevokeRaw;
use crate::store::AuditEntry;
use entities::{api_key, tenant};
use serde_json::json;
use uuid::Uuid;

/// Revokes one key by its value, or all of a creator's; a contract's verb knows the keys of its contract alone.
///
/// # Errors
/// `Validation` where neither is named; `NotFound` for an unknown key or one of another creator.
pub async fn revoke_raw(ctx: &Ctx, form: RevokeRaw) -> Result<Answer> {
    match (&form.key, &form.creator_id) {
        (None, None) => Err(Error::field("key", "required", "apiKeyToRevoke or creatorId is required")),
        (Some(raw), creator) => {
            let (row, owner) = store::by_digest(ctx.store(), &Digest::of(raw)).await?.ok_or_else(missing)?;
            let is_theirs = ctx.room.as_ref().is_some_and(|room| room.tenant == row.tenant);
            if (creator.is_some() && !is_theirs) || row.dialect != ctx.dialect.name {
                return Err(missing());
            }
            one(ctx, row, owner).await
        }
        // Nobody of that name has no keys.
        (None, Some(_)) => match ctx.room.clone() {
            Some(room) => all(ctx, room).await,
            None => counted(0),
        },
    }
}

async fn one(ctx: &Ctx, row: api_key::Model, owner: tenant::Model) -> Result<Answer> {
    let room = Room::of(&owner, row.mode.into()).ok_or_else(missing)?;
    let (now, route, digest, entry) = (ctx.now, room.route, digest_of(&row), entry(ctx, row.tenant, row.id));
    let answer = ctx
        .command(async move |tx| {
            let mut row = store::find(tx, &room, row.id).await?.ok_or_else(missing)?;
            if row.revoked_at.is_some() {
                return counted(0);
            }
            rules::end(&mut row, now, None);
            store::replace(tx, &row).await?;
            tx.audit(entry.clone());
            counted(1)
        })
        .await?;
    ctx.house.actors.forget_key(route, digest).await;
    Ok(answer)
}

async fn all(ctx: &Ctx, room: Room) -> Result<Answer> {
    let (now, route, tenant) = (ctx.now, room.route, room.tenant);
    let dialect = ctx.dialect.name.clone();
    let (template, house) = (entry(ctx, tenant, Uuid::nil()), ctx.house.clone());
    let answer = ctx
        .command(async move |tx| {
            let alive = store::alive(tx, tenant, &dialect).await?;
            store::end_alive(tx, tenant, &dialect, now).await?;
            for id in &alive {
                tx.audit(AuditEntry {
                    id: house.ids.uuid(now),
                    target: id.to_string(),
                    ..template.clone()
                });
            }
            counted(alive.len())
        })
        .await?;
    ctx.house.actors.forget_tenant(route).await;
    Ok(answer)
}

fn counted(revoked: usize) -> Result<Answer> {
    Answer::with(Done::Ok, "api_key", &json!({"revoked_count": revoked}))
}

fn entry(ctx: &Ctx, tenant: Uuid, target: Uuid) -> AuditEntry {
    AuditEntry {
        id: ctx.id(),
        tenant,
        actor: ctx.principal.name().unwrap_or_default(),
        action: "api_key.revoked".to_owned(),
        target: target.to_string(),
        detail: json!({}),
        happened_at: ctx.now,
    }
}
