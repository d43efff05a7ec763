//! The moves a licence may make; any other is a conflict.

use super::types::RenewLicense;
use crate::context::{Answer, Ctx, Deed};
use crate::domain::{Code, Error, Result};
use crate::resources::licensing::{issue, rules, store as shared};
use crate::store::Tx;
use entities::license::{Model, Status};
use entities::policy;
use uuid::Uuid;

/// Puts an active licence on hold.
///
/// # Errors
/// `NotFound`; `Conflict` for any other.
pub async fn suspend(ctx: &Ctx, id: Uuid) -> Result<Answer> {
    let deed = Deed::of(ctx)?;
    ctx.command(async move |tx| {
        let (mut row, _) = found(tx, &deed, id).await?;
        allow(&row, &deed, "suspended", &[Status::Active, Status::Degraded])?;
        row.status = Status::Suspended;
        row.suspended_at = Some(deed.now.0);
        let view = issue::change(tx, &deed, &mut row, "license.suspended").await?;
        Answer::one("license", &view)
    })
    .await
}

/// Makes a suspended or expired licence good again; one that ran out gets a new period of its policy, or no end.
///
/// # Errors
/// `NotFound`; `Conflict` for any other.
pub async fn reinstate(ctx: &Ctx, id: Uuid) -> Result<Answer> {
    let deed = Deed::of(ctx)?;
    ctx.command(async move |tx| {
        let (mut row, policy) = found(tx, &deed, id).await?;
        allow(&row, &deed, "reinstated", &[Status::Suspended, Status::Expired])?;
        row.status = Status::Active;
        row.suspended_at = None;
        let is_over = row.expires_at.is_some_and(|at| at <= deed.now.0);
        let end = if is_over {
            rules::end_from(policy.as_ref(), deed.now)
        } else {
            row.expires_at
        };
        rules::reschedule(&mut row, end, deed.now);
        let view = issue::change(tx, &deed, &mut row, "license.reinstated").await?;
        Answer::one("license", &view)
    })
    .await
}

/// Withdraws an active or suspended licence for ever.
///
/// # Errors
/// `NotFound`; `Conflict` for any other.
pub async fn revoke(ctx: &Ctx, id: Uuid, reason: Option<String>) -> Result<Answer> {
    let deed = Deed::of(ctx)?;
    ctx.command(async move |tx| {
        let (mut row, _) = found(tx, &deed, id).await?;
        allow(&row, &deed, "revoked", &[Status::Active, Status::Degraded, Status::Suspended])?;
        let view = issue::revoke(tx, &deed, &mut row, reason.as_deref()).await?;
        Answer::one("license", &view)
    })
    .await
}

/// Withdraws a licence for abuse.
///
/// # Errors
/// `NotFound`; `Conflict` where it is revoked or banned.
pub async fn ban(ctx: &Ctx, id: Uuid, reason: Option<String>) -> Result<Answer> {
    let deed = Deed::of(ctx)?;
    ctx.command(async move |tx| {
        let (mut row, _) = found(tx, &deed, id).await?;
        let open = [Status::Active, Status::Degraded, Status::Suspended, Status::Expired];
        allow(&row, &deed, "banned", &open)?;
        row.status = Status::Banned;
        row.banned_at = Some(deed.now.0);
        row.revoke_reason = reason.clone();
        row.threat_level = 4;
        row.due_at = None;
        let view = issue::change(tx, &deed, &mut row, "license.revoked").await?;
        Answer::one("license", &view)
    })
    .await
}

/// Moves the end of a licence: to a moment, or one period of its policy on from where it ends or has ended.
///
/// # Errors
/// `NotFound`; `Conflict` where it is withdrawn; `Validation` without a period or for an end that is past.
pub async fn renew(ctx: &Ctx, id: Uuid, form: RenewLicense) -> Result<Answer> {
    let deed = Deed::of(ctx)?;
    ctx.command(async move |tx| {
        let (mut row, policy) = found(tx, &deed, id).await?;
        let open = [Status::Active, Status::Degraded, Status::Suspended, Status::Expired];
        allow(&row, &deed, "renewed", &open)?;
        let end = match form.expires_at {
            Some(Some(at)) if at <= deed.now => {
                return Err(Error::field("expires_at", "past", "The new end must lie ahead"));
            }
            Some(end) => end.map(|at| at.0),
            None => Some(next_end(&row, policy.as_ref(), &deed)?),
        };
        if row.status != Status::Suspended && rules::standing(&row, deed.now) == Status::Expired {
            row.status = Status::Expired;
        }
        rules::reschedule(&mut row, end, deed.now);
        let view = issue::change(tx, &deed, &mut row, "license.renewed").await?;
        Answer::one("license", &view)
    })
    .await
}

fn next_end(row: &Model, policy: Option<&policy::Model>, deed: &Deed) -> Result<i64> {
    let days = policy.and_then(|policy| policy.duration_days);
    let days = days.ok_or_else(|| Error::field("expires_at", "required", "The policy has no period; name the new end"))?;
    let from = row.expires_at.unwrap_or(deed.now.0).max(deed.now.0);
    Ok(rules::after_days(from, days))
}

async fn found(tx: &Tx, deed: &Deed, id: Uuid) -> Result<(Model, Option<policy::Model>)> {
    let row = shared::license(tx, &deed.room, id).await?.ok_or_else(issue::missing)?;
    let policy = shared::policy_of(tx, &row).await?;
    Ok((row, policy))
}

fn allow(row: &Model, deed: &Deed, done: &str, from: &[Status]) -> Result<()> {
    let standing = rules::standing(row, deed.now);
    if from.contains(&standing) {
        return Ok(());
    }
    let message = format!("A licence that is {} cannot be {done}.", standing.name());
    Err(Error::new(Code::Conflict, message))
}
