//! Checking a licence and a machine's token.

use super::super::types::Machine;
use super::super::{pairs, store, token};
use super::{activate, covers, message, no_machine, obstacle, unknown, wrong_product};
use crate::context::{Answer, Ctx, Deed, Room};
use crate::domain::time::MINUTE_MS;
use crate::domain::{Code, Error, Result, license_key};
use crate::resources::licensing::store::glance::{self, Verified};
use crate::resources::licensing::{keys, rules, store as shared};
use entities::license::{Model, Status};
use entities::machine;
use serde_json::{Value, json};
use std::sync::Arc;

/// How often it is noted that a machine was seen.
const SEEN_MS: i64 = 5 * MINUTE_MS;

/// Says whether a licence is good for a product; binds no machine and writes nothing.
///
/// # Errors
/// `NotFound`, `Forbidden` for what stands in the way.
pub async fn verify(ctx: &Ctx, form: Machine) -> Result<Answer> {
    let db = ctx.store().read();
    let found = glance::verified(db, &license_key::digest(&form.key)).await?;
    let Some(Verified { license, policy, slug }) = found else {
        return Err(unknown(ctx).await);
    };
    if let Some(error) = obstacle(&license, policy.as_ref(), ctx.now) {
        return Err(error);
    }
    if !covers(db, &license, slug.as_deref(), &form.product).await? {
        return Err(wrong_product());
    }
    Answer::one("verified", &told(ctx, &license))
}

fn told(ctx: &Ctx, license: &Model) -> Value {
    json!({
        "status": rules::standing(license, ctx.now).name(),
        "variant": license.variant,
        "license_type": license.kind.name(),
        "message": message(license, ctx.now),
        "license_expires_at": license.expires_at,
    })
}

/// Checks a machine's token and renews it in time.
///
/// # Errors
/// `InvalidToken` for a token that is not good for this machine; `NotFound`; `Forbidden` for what stands in the way.
pub async fn validate(ctx: &Ctx, form: Machine) -> Result<Answer> {
    let db = ctx.store().read();
    let digest = license_key::digest(&form.key);
    let Some(license) = shared::license_by_digest(db, None, &digest).await? else {
        return Err(unknown(ctx).await);
    };
    let (ring, claims) = claims(ctx, &license, &form).await?;
    let policy = shared::policy_of(db, &license).await?;
    if let Some(error) = obstacle(&license, policy.as_ref(), ctx.now) {
        return Err(error);
    }
    let machine = shared::machine_of(db, &license, &form.fingerprint).await?;
    see(ctx, machine.ok_or_else(no_machine)?).await?;
    let is_watched = license.status == Status::Degraded;
    let (token, claims) = match claims.is_due(is_watched, ctx.now) {
        false => (form.token.unwrap_or_default(), claims),
        true => {
            let key = keys::open(&ctx.house, &license)?;
            let claims = token::Claims::new(key, form.fingerprint, claims.product_id, ctx.now);
            (token::sign(&ring, &claims)?, claims)
        }
    };
    let mut told = told(ctx, &license);
    if let Value::Object(told) = &mut told {
        told.insert("token".to_owned(), token.into());
        told.insert("expires_at".to_owned(), claims.expires_at().0.into());
    }
    Answer::one("validated", &told)
}

/// What a machine's token says, where it is good for this machine and this licence.
///
/// # Errors
/// `InvalidToken`.
pub(super) async fn claims(ctx: &Ctx, license: &Model, form: &Machine) -> Result<(Arc<pairs::Ring>, token::Claims)> {
    let ring = pairs::ring(&ctx.house, ctx.now).await?;
    let claims = token::read(&ring, form.token.as_deref().unwrap_or_default(), ctx.now).ok_or_else(bad_token)?;
    if license_key::digest(&claims.license_key) != license_key::digest(&form.key) {
        return Err(bad_token());
    }
    if claims.machine_fingerprint != form.fingerprint {
        note_stranger(ctx, license, &claims, form).await?;
        return Err(bad_token());
    }
    Ok((ring, claims))
}

/// Notes that a machine was seen, not more often than anybody looks.
async fn see(ctx: &Ctx, machine: machine::Model) -> Result<()> {
    if ctx.now.0 - machine.seen_at < SEEN_MS {
        return Ok(());
    }
    let now = ctx.now.0;
    let seen = async move |tx: &crate::store::Tx| store::seen(tx, &machine, now).await;
    ctx.store().command(seen).await
}

/// A token in the hands of another machine than it was made for.
async fn note_stranger(ctx: &Ctx, license: &Model, claims: &token::Claims, form: &Machine) -> Result<()> {
    let Some(room) = Room::find(ctx.store().read(), license.tenant, license.mode).await? else {
        return Ok(());
    };
    let (deed, id) = (Deed::of_house(&ctx.house, room, ctx.now), license.id);
    let details = json!({ "fingerprint": form.fingerprint, "token_fingerprint": claims.machine_fingerprint });
    ctx.store()
        .command(async move |tx| {
            if let Some(mut row) = shared::license(tx, &deed.room, id).await? {
                activate::note(tx, &deed, &mut row, "fingerprint_mismatch", details.clone()).await?;
                shared::replace(tx, &row).await?;
            }
            Ok(())
        })
        .await
}

fn bad_token() -> Error {
    Error::new(Code::InvalidToken, "Session token is invalid or has expired")
        .with_text("session_token")
        .with_details(json!({ "reason": "invalid_token" }))
}
