//! Starting over many deliveries of one endpoint, in steps that other commands hardly notice.

use super::actions::endpoint_off;
use super::store::{self, Change, Span};
use super::types::{ReplayEndpoint, ReplayView};
use crate::context::{Answer, Ctx, Room};
use crate::domain::{Error, Result, Timestamp};
use crate::store::AuditEntry;
use entities::delivery::Status;
use serde_json::json;
use uuid::Uuid;

/// Rows of one command.
const STEP_ROWS: u64 = 500;

/// Says whether the endpoint is there.
///
/// # Errors
/// `NotFound`.
pub async fn exists(ctx: &Ctx, id: Uuid) -> Result<()> {
    store::endpoint(ctx.store().read(), ctx.room()?, id)
        .await?
        .map(|_| ())
        .ok_or_else(missing)
}

/// Starts over the endpoint's deliveries that failed for good or were held, or counts them.
///
/// # Errors
/// `NotFound`; `Conflict` where the endpoint is off; `Validation` where the span ends before it begins.
pub async fn endpoint(ctx: &Ctx, id: Uuid, wanted: ReplayEndpoint) -> Result<Answer> {
    let room = ctx.room()?.clone();
    let row = store::endpoint(ctx.store().read(), &room, id).await?.ok_or_else(missing)?;
    let to = wanted.to_at.unwrap_or(Timestamp(ctx.now.0 + 1));
    if to <= wanted.from_at {
        return Err(Error::field("to_at", "range", "to must be later than from"));
    }
    let statuses: &[Status] = match wanted.status.as_deref() {
        Some("permanently_failed") => &[Status::PermanentlyFailed],
        Some("held") => &[Status::Held],
        _ => &[Status::PermanentlyFailed, Status::Held],
    };
    let mut count = 0;
    for status in statuses {
        let span = Span {
            endpoint: id,
            status: *status,
            from: wanted.from_at,
            to,
        };
        count += match wanted.dry_run {
            true => store::count(ctx.store(), &room, span).await?,
            false if !row.is_active => return Err(endpoint_off()),
            false => start_over(ctx, &room, span).await?,
        };
    }
    let view = ReplayView {
        count,
        dry_run: wanted.dry_run,
    };
    if wanted.dry_run {
        return Answer::one("webhook_replay", &view);
    }
    ctx.house.actors.poke_delivery();
    let detail = json!({"from_at": wanted.from_at, "to_at": to, "status": wanted.status, "count": count});
    let entry = AuditEntry {
        id: ctx.id(),
        tenant: room.tenant,
        actor: ctx.principal.name().unwrap_or_default(),
        action: "webhook.replayed".to_owned(),
        target: id.to_string(),
        detail,
        happened_at: ctx.now,
    };
    ctx.command(async move |tx| {
        tx.audit(entry.clone());
        Answer::one("webhook_replay", &view)
    })
    .await
}

/// Goes through the span once; what fails again meanwhile lies behind it and is not met twice.
async fn start_over(ctx: &Ctx, room: &Room, span: Span) -> Result<u64> {
    let from: &'static [Status] = match span.status {
        Status::Held => &[Status::Held],
        _ => &[Status::PermanentlyFailed],
    };
    let (mut count, mut after) = (0, None);
    loop {
        let found = store::first_ids(ctx.store(), room, span, after, STEP_ROWS).await?;
        after = found.last().copied();
        let is_last = (found.len() as u64) < STEP_ROWS;
        let ids: Vec<Uuid> = found.into_iter().map(|(_, id)| id).collect();
        let change = Change {
            from,
            to: Status::PendingRetry,
            due_at: Some(ctx.now),
            failed_at: None,
            starts_over: true,
            now: ctx.now,
            real_now: ctx.house.clock.real_now(),
        };
        let room = room.clone();
        count += ctx
            .store()
            .command(async move |tx| store::change_all(tx, &room, &ids, &change).await)
            .await?;
        if is_last {
            return Ok(count);
        }
    }
}

fn missing() -> Error {
    Error::not_found("webhook endpoint").with_text("webhook.not_found")
}
