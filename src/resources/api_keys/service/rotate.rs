//! Replacing a key by another, the old one staying good for a while.

use super::create::WARNING;
use super::{dialect_of, digest_of, entry, missing, surroundings};
use crate::context::{Answer, Ctx};
use crate::domain::api_key::{self, Digest};
use crate::domain::{Code, Error, Mode, Result, Timestamp};
use crate::resources::api_keys::rules;
use crate::resources::api_keys::store;
use crate::resources::api_keys::types::{KeyView, OldKeyView, RotateKey, RotationView};
use entities::api_key::Model;
use serde_json::json;

/// Replaces a key; the old one stays good for the grace period, never beyond its own expiry.
///
/// # Errors
/// `NotFound`; `Validation` for a key that is revoked, not active or expired; `BusinessRule` where the key's contract
/// knows no rotation.
pub async fn rotate(ctx: &Ctx, id: uuid::Uuid, form: RotateKey) -> Result<Answer> {
    let room = ctx.room()?.clone();
    let old = store::find(ctx.store().read(), &room, id).await?.ok_or_else(missing)?;
    let dialect = dialect_of(ctx, &room, Some(&old.dialect))?;
    if !dialect.keys.rotation {
        let text = "Keys of this kind are not rotated: make a new one, switch, revoke the old.";
        return Err(Error::new(Code::BusinessRule, text));
    }
    let around = surroundings(ctx, &room).await?;
    let key = api_key::mint(dialect.prefix_for(Mode::from(old.mode))?, ctx.house.ids.bytes(), room.route);
    let raw = key.expose().to_owned();
    let (now, new_id, creator, route, hours) = (ctx.now, ctx.id(), ctx.person_id(), room.route, form.grace_period_hours);
    let detail = json!({"new": new_id, "grace_hours": hours});
    let (digest, entry) = (digest_of(&old), entry(ctx, &room, "api_key.rotated", id, detail));
    let answer = ctx
        .command(async move |tx| {
            let mut old = store::find(tx, &room, id).await?.ok_or_else(missing)?;
            rules::refuse_spent(&old, now)?;
            let new = Model {
                id: new_id,
                name: rules::rotated_name(&old.name),
                digest: Digest::of(&raw).0.to_vec(),
                key_prefix: api_key::key_prefix(&raw),
                rotated_from: Some(old.id),
                created_by: creator,
                grace_until_at: None,
                last_used_at: None,
                last_used_ip: None,
                usage_count: 0,
                created_at: now.0,
                updated_at: now.0,
                ..old.clone()
            };
            old.is_active = false;
            old.grace_until_at = rules::grace(old.expires_at, hours, now);
            old.updated_at = now.0;
            store::replace(tx, &old).await?;
            store::insert(tx, &new).await?;
            tx.audit(entry.clone());
            let mut new_key = KeyView::new(&new, &around);
            new_key.key = Some(raw.clone());
            new_key.warning = Some(WARNING);
            Answer::created(
                "api_key_rotated",
                &RotationView {
                    new_key,
                    old_key: told(&old),
                },
            )
        })
        .await?;
    ctx.house.actors.forget_key(route, digest).await;
    Ok(answer)
}

fn told(old: &Model) -> OldKeyView {
    let message = match old.grace_until_at {
        Some(at) => format!("The old key works until {}.", Timestamp(at).seconds_text()),
        None => "The old key works no longer.".to_owned(),
    };
    OldKeyView {
        id: old.id,
        grace_until_at: old.grace_until_at.map(Timestamp),
        message,
    }
}
