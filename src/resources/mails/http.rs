//! Handlers. Names of kinds are data and spelt alike in every dialect, so that the body is read by rules of its own.

use super::service;
use crate::context::Answer;
use crate::domain::Result;
use crate::http::Call;

pub(super) async fn list(call: Call) -> Result<Answer> {
    service::list(&call.ctx).await
}

pub(super) async fn update(call: Call) -> Result<Answer> {
    service::update(&call.ctx, &call.object()?).await
}

pub(super) async fn preview(call: Call) -> Result<Answer> {
    let kind = service::kind(call.place("kind"))?;
    service::preview(&call.ctx, kind, call.form()?).await
}

pub(super) async fn test(call: Call) -> Result<Answer> {
    let kind = service::kind(call.place("kind"))?;
    service::test(&call.ctx, kind, call.form()?).await
}
