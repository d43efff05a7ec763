//! Handlers: read, one service call, answer.

use super::service;
use super::types::{Follow, ListKinds};
use crate::context::Answer;
use crate::domain::Result;
use crate::http::Call;

pub(super) async fn kinds(call: Call) -> Result<Answer> {
    service::kinds(&call.ctx, &call.filter::<ListKinds>()?)
}

pub(super) async fn stream(call: Call) -> Result<Answer> {
    let mut follow = call.filter::<Follow>()?;
    // What a reconnecting client sends by itself is newer than what stands in its URL.
    follow.last_event_id = call.header("last-event-id").map(str::to_owned).or(follow.last_event_id);
    service::stream(&call.ctx, follow).await
}
