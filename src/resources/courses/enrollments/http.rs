//! Handlers: read, one service call, answer.

use super::service;
use super::types::Progress;
use crate::context::Answer;
use crate::domain::Result;
use crate::http::Call;

pub(super) async fn get(call: Call) -> Result<Answer> {
    service::get(&call.ctx, call.id("id")?).await
}

pub(super) async fn progress(call: Call) -> Result<Answer> {
    let id = call.id("id")?;
    let progress = call.form_for::<Progress>(service::exists(&call.ctx, id)).await?;
    service::progress(&call.ctx, id, progress).await
}
