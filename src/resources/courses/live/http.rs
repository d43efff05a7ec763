//! Handlers: read, one service call, answer.

use super::service;
use super::types::{Record, Schedule};
use crate::context::Answer;
use crate::domain::Result;
use crate::http::Call;
use crate::resources::courses::service as courses;

pub(super) async fn list(call: Call) -> Result<Answer> {
    service::list(&call.ctx, call.id("id")?, &call.page()?).await
}

pub(super) async fn schedule(call: Call) -> Result<Answer> {
    let id = call.id("id")?;
    let form = call.form_for::<Schedule>(courses::exists(&call.ctx, id)).await?;
    service::schedule(&call.ctx, id, form).await
}

pub(super) async fn get(call: Call) -> Result<Answer> {
    service::get(&call.ctx, call.id("id")?).await
}

pub(super) async fn start(call: Call) -> Result<Answer> {
    service::start(&call.ctx, call.id("id")?).await
}

pub(super) async fn end(call: Call) -> Result<Answer> {
    service::end(&call.ctx, call.id("id")?).await
}

pub(super) async fn record(call: Call) -> Result<Answer> {
    let id = call.id("id")?;
    let form = call.form_for::<Record>(service::exists(&call.ctx, id)).await?;
    service::record(&call.ctx, id, form).await
}
