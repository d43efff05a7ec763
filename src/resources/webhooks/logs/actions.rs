//! What its owner may do with one delivery. Each change is one conditional update: whoever comes second is told so.

use super::service::missing;
use super::store::{self, Change};
use super::types::{ArchivedView, ResultView, StateView};
use crate::context::{Answer, Ctx};
use crate::domain::{Code, Error, Result};
use entities::delivery::{Model, Status};
use uuid::Uuid;

/// What waits for an attempt: its next, or, while its lane is full, its first.
const WAITING: &[Status] = &[Status::PendingRetry, Status::Pending];

/// Sends a failed delivery now and answers how it went: a new row, which goes on with what is left of the schedule.
///
/// # Errors
/// `NotFound`; `Malformed` from another state; `Conflict` while an attempt is under way or its endpoint is gone.
pub async fn retry(ctx: &Ctx, id: Uuid) -> Result<Answer> {
    const FROM: &[Status] = &[Status::Failed, Status::PendingRetry, Status::PermanentlyFailed];
    let room = ctx.room()?.clone();
    let change = Change {
        failed_at: None,
        due_at: None,
        ..to(ctx, FROM, Status::Retried)
    };
    let (fresh, now, lease) = (ctx.id(), ctx.now, ctx.house.actors.lease());
    let row = ctx
        .store()
        .command(async move |tx| {
            let old = store::find(tx, &room, id).await?.ok_or_else(missing)?;
            if !FROM.contains(&old.status) {
                return Err(Error::malformed("Only failed deliveries can be sent again."));
            }
            if store::endpoint(tx, &room, old.endpoint).await?.is_none() {
                return Err(endpoint_gone());
            }
            if !store::change(tx, &room, id, &change).await? {
                return Err(under_way());
            }
            let row = Model {
                id: fresh,
                status: Status::Pending,
                due_at: Some(now.0),
                lease_owner: Some(lease.owner.clone()),
                lease_until_at: Some(lease.until_at.0),
                last_status: None,
                last_error: None,
                last_body: None,
                last_duration_ms: None,
                retry_of: Some(old.id),
                round: store::next_round(tx, &old).await?,
                created_at: now.0,
                updated_at: now.0,
                failed_at: None,
                delivered_at: None,
                ..old
            };
            store::insert(tx, &row).await?;
            Ok(row)
        })
        .await?;
    let view = ResultView::from(ctx.house.actors.attempt_now(row).await?);
    ctx.command(async move |_| Answer::one("webhook_result", &view)).await
}

/// Puts a delivery away; it is sent no more.
///
/// # Errors
/// `NotFound`.
pub async fn archive(ctx: &Ctx, id: Uuid) -> Result<Answer> {
    let (room, now) = (ctx.room()?.clone(), ctx.now);
    ctx.command(async move |tx| {
        if !store::archive(tx, &room, id, now).await? {
            return Err(missing());
        }
        Answer::one("webhook_log_archived", &ArchivedView { archived: true })
    })
    .await
}

/// Starts the schedule of a delivery over that failed for good or was held.
///
/// # Errors
/// `NotFound`; `Conflict` from another state or where its endpoint is off or gone.
pub async fn replay(ctx: &Ctx, id: Uuid) -> Result<Answer> {
    const FROM: &[Status] = &[Status::PermanentlyFailed, Status::Held];
    let change = Change {
        due_at: Some(ctx.now),
        starts_over: true,
        ..to(ctx, FROM, Status::PendingRetry)
    };
    act(ctx, id, change, "enqueued").await
}

/// Makes a delivery due now that waits for a try.
///
/// # Errors
/// `NotFound`; `Conflict` from another state or where its endpoint is off or gone.
pub async fn force_retry(ctx: &Ctx, id: Uuid) -> Result<Answer> {
    let change = Change {
        due_at: Some(ctx.now),
        ..to(ctx, WAITING, Status::PendingRetry)
    };
    act(ctx, id, change, "rescheduled").await
}

/// Gives up a delivery that waits for a try.
///
/// # Errors
/// `NotFound`; `Conflict` from another state.
pub async fn cancel(ctx: &Ctx, id: Uuid) -> Result<Answer> {
    let change = Change {
        failed_at: Some(ctx.now),
        ..to(ctx, WAITING, Status::PermanentlyFailed)
    };
    act(ctx, id, change, "canceled").await
}

fn to(ctx: &Ctx, from: &'static [Status], to: Status) -> Change {
    Change {
        from,
        to,
        due_at: None,
        failed_at: None,
        starts_over: false,
        now: ctx.now,
        real_now: ctx.house.clock.real_now(),
    }
}

async fn act(ctx: &Ctx, id: Uuid, change: Change, word: &'static str) -> Result<Answer> {
    let room = ctx.room()?.clone();
    let sends = change.due_at.is_some();
    let answer = ctx
        .command(async move |tx| {
            let row = store::find(tx, &room, id).await?.ok_or_else(missing)?;
            if !change.from.contains(&row.status) {
                let text = format!(
                    "A delivery that is `{}` cannot be {word}.",
                    sea_orm::ActiveEnum::to_value(&row.status)
                );
                return Err(Error::new(Code::Conflict, text));
            }
            if sends {
                let endpoint = store::endpoint(tx, &room, row.endpoint).await?.ok_or_else(endpoint_gone)?;
                if !endpoint.is_active {
                    return Err(endpoint_off());
                }
            }
            if !store::change(tx, &room, id, &change).await? {
                return Err(under_way());
            }
            Answer::one("webhook_log_state", &StateView { status: word })
        })
        .await?;
    if sends {
        ctx.house.actors.poke_delivery();
    }
    Ok(answer)
}

fn under_way() -> Error {
    Error::new(Code::Conflict, "The delivery is being tried at this moment.")
}

fn endpoint_gone() -> Error {
    Error::new(Code::Conflict, "The delivery's endpoint was deleted.")
}

pub(super) fn endpoint_off() -> Error {
    Error::new(Code::Conflict, "The delivery's endpoint is switched off; switch it on first.")
}
