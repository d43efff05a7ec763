//! Reading the log.

use super::store;
use super::types::{AttemptView, EndpointBrief, ListLogs, LogView, statuses};
use crate::context::{Answer, Ctx};
use crate::domain::dialect::PageRequest;
use crate::domain::{Error, Result};
use crate::store::outbox::bodies::{self, Bodies};
use entities::{delivery, endpoint};
use std::collections::HashMap;
use uuid::Uuid;

/// Lists the room's deliveries, the newest first.
///
/// # Errors
/// `Malformed` for a bad cursor.
pub async fn list(ctx: &Ctx, filter: ListLogs, page: PageRequest) -> Result<Answer> {
    let room = ctx.room()?;
    let wanted = store::Wanted {
        endpoint: filter.endpoint_id,
        event_name: filter.event_type,
        statuses: statuses(filter.status.as_deref()),
    };
    let (rows, info) = store::list(ctx.store(), room, &wanted, &page).await?;
    let endpoints = store::endpoints(ctx.store(), room, rows.iter().map(|row| row.endpoint)).await?;
    let bodies = bodies::of(ctx.store(), rows.iter()).await?;
    let views: Vec<LogView> = rows.iter().map(|row| view(ctx, row, &endpoints, &bodies)).collect();
    Answer::page("webhook_log", &views, info)
}

/// Reads a delivery with its attempts.
///
/// # Errors
/// `NotFound`.
pub async fn get(ctx: &Ctx, id: Uuid) -> Result<Answer> {
    let room = ctx.room()?;
    let row = store::find(ctx.store().read(), room, id).await?.ok_or_else(missing)?;
    let endpoints = store::endpoints(ctx.store(), room, [row.endpoint]).await?;
    let attempts = store::attempts(ctx.store(), room, id).await?;
    let bodies = bodies::of(ctx.store(), std::iter::once(&row)).await?;
    let mut view = view(ctx, &row, &endpoints, &bodies);
    view.attempts = Some(attempts.into_iter().map(AttemptView::from).collect());
    Answer::one("webhook_log", &view)
}

fn view(ctx: &Ctx, row: &delivery::Model, endpoints: &HashMap<Uuid, endpoint::Model>, bodies: &Bodies) -> LogView {
    let endpoint = endpoints.get(&row.endpoint);
    let spoken = endpoint
        .and_then(|endpoint| ctx.house.dialects.get(&endpoint.dialect))
        .unwrap_or(&ctx.dialect);
    let brief = endpoint
        .filter(|endpoint| endpoint.deleted_at.is_none())
        .map(EndpointBrief::from);
    let body = bodies.get(&(row.event, row.body_place));
    let payload = body.and_then(|body| serde_json::from_slice(body).ok()).unwrap_or_default();
    LogView::new(row, payload, brief, spoken.event_id(row.event))
}

pub(super) fn missing() -> Error {
    Error::not_found("webhook log").with_text("webhook_log.not_found")
}
