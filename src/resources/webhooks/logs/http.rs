//! Handlers: read, one service call, answer.

use super::types::{ListLogs, ReplayEndpoint};
use super::{actions, replay, service};
use crate::context::Answer;
use crate::domain::Result;
use crate::http::Call;

pub(super) async fn list(call: Call) -> Result<Answer> {
    service::list(&call.ctx, call.filter::<ListLogs>()?, call.page()?).await
}

pub(super) async fn get(call: Call) -> Result<Answer> {
    service::get(&call.ctx, call.id("id")?).await
}

pub(super) async fn retry(call: Call) -> Result<Answer> {
    actions::retry(&call.ctx, call.id("id")?).await
}

pub(super) async fn archive(call: Call) -> Result<Answer> {
    actions::archive(&call.ctx, call.id("id")?).await
}

pub(super) async fn replay(call: Call) -> Result<Answer> {
    actions::replay(&call.ctx, call.id("id")?).await
}

pub(super) async fn force_retry(call: Call) -> Result<Answer> {
    actions::force_retry(&call.ctx, call.id("id")?).await
}

pub(super) async fn cancel(call: Call) -> Result<Answer> {
    actions::cancel(&call.ctx, call.id("id")?).await
}

pub(super) async fn replay_endpoint(call: Call) -> Result<Answer> {
    let id = call.id("id")?;
    let wanted = call.form_for::<ReplayEndpoint>(replay::exists(&call.ctx, id)).await?;
    replay::endpoint(&call.ctx, id, wanted).await
}
