//! A new secret in place of the old, both good for a while.

use super::service::{entry, missing, secret_context};
use super::store;
use super::types::{RotateSecret, SecretView};
use crate::context::{Answer, Ctx};
use crate::domain::secret::WebhookSecret;
use crate::domain::{Code, Error, Result, Timestamp};
use entities::endpoint::{Model, OldSecret};
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

/// Secrets before the previous one that may be in force together.
const OLDER_MAX: usize = 3;

/// Gives an endpoint a new secret; the old one signs beside it for the hours asked for, and those before it to their own
/// ends. With no overlap every old one ends at once.
///
/// # Errors
/// `NotFound`; `Conflict` where another overlap would leave too many secrets in force.
pub async fn rotate(ctx: &Ctx, id: Uuid, form: RotateSecret) -> Result<Answer> {
    let room = ctx.room()?.clone();
    let old = store::find(ctx.store().read(), &room, id).await?.ok_or_else(missing)?;
    // The form of the endpoint's own dialect, whoever asks.
    let dialect = ctx.house.dialects.get(&old.dialect).unwrap_or(&ctx.dialect);
    let secret = WebhookSecret::mint(dialect.webhooks.secret, ctx.house.ids.bytes());
    let sealed = ctx
        .house
        .sealer
        .seal(secret.expose().as_bytes(), ctx.house.ids.bytes(), &secret_context(id));
    let sealed = sealed.map_err(Error::internal)?;
    let until = ctx.now + Duration::from_secs(u64::from(form.overlap_hours) * 3_600);
    let until = (form.overlap_hours > 0).then_some(until);
    let view = SecretView {
        id,
        secret: secret.expose().to_owned(),
        previous_until_at: until,
    };
    let entry = entry(
        ctx,
        &room,
        "webhook.secret_rotated",
        id,
        json!({"overlap_hours": form.overlap_hours}),
    );
    let now = ctx.now;
    ctx.command(async move |tx| {
        let mut row = store::find(tx, &room, id).await?.ok_or_else(missing)?;
        let older = until.map(|_| still_in_force(&row, now)).unwrap_or_default();
        if older.len() > OLDER_MAX {
            return Err(too_many());
        }
        row.older_secrets_sealed = (!older.is_empty()).then(|| older.into());
        row.previous_secret_sealed = until.map(|_| row.secret_sealed.clone());
        row.previous_until_at = until.map(|at| at.0);
        row.secret_sealed.clone_from(&sealed);
        row.updated_at = now.0;
        store::replace(tx, &row).await?;
        tx.audit(entry.clone());
        Answer::one("webhook_secret", &view)
    })
    .await
}

/// The secrets that were replaced and sign yet, the newest first.
fn still_in_force(row: &Model, now: Timestamp) -> Vec<OldSecret> {
    let previous = row.previous_secret_sealed.clone().zip(row.previous_until_at);
    let previous = previous.map(|(sealed, until_at)| OldSecret { sealed, until_at });
    let older = row.older_secrets_sealed.iter().flat_map(|older| older.0.iter().cloned());
    previous
        .into_iter()
        .chain(older)
        .filter(|secret| now.0 < secret.until_at)
        .collect()
}

fn too_many() -> Error {
    let text = "Too many secrets are in force already; wait until an overlap ends, or replace them all with overlap_hours 0.";
    Error::new(Code::Conflict, text)
}
