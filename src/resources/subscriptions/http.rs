//! Handlers.

use super::service;
use crate::context::Answer;
use crate::domain::Result;
use crate::domain::time::MINUTE_MS;
use crate::http::Call;
use uuid::Uuid;

/// Calls that end a subscription or take that back, in each five minutes (contract 5).
const ENDINGS: u32 = 10;
/// Those five minutes.
const ENDINGS_WINDOW_MS: i64 = 5 * MINUTE_MS;

pub(super) async fn list(call: Call) -> Result<Answer> {
    service::limit(&call.ctx, "subscriptions.list", 60, MINUTE_MS).await?;
    service::list(&call.ctx).await
}

pub(super) async fn cancel(call: Call) -> Result<Answer> {
    service::limit(&call.ctx, "subscriptions.end", ENDINGS, ENDINGS_WINDOW_MS).await?;
    service::end_own(&call.ctx, id(&call)?, true).await
}

pub(super) async fn resume(call: Call) -> Result<Answer> {
    service::limit(&call.ctx, "subscriptions.end", ENDINGS, ENDINGS_WINDOW_MS).await?;
    service::end_own(&call.ctx, id(&call)?, false).await
}

/// What is no id is nobody's subscription.
fn id(call: &Call) -> Result<Uuid> {
    Uuid::try_parse(call.place("id")).map_err(|_| service::unknown())
}
