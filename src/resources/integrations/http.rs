//! Handlers.

use super::service;
use crate::context::Answer;
use crate::domain::Result;
use crate::http::Call;

pub(super) async fn update(call: Call) -> Result<Answer> {
    service::update(&call.ctx, call.form()?).await
}
