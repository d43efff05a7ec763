//! Handlers: read, one service call, answer.

use super::service;
use super::types::OpenCheckout;
use crate::context::Answer;
use crate::domain::Result;
use crate::http::Call;

pub(super) async fn open(call: Call) -> Result<Answer> {
    service::open(&call.ctx, call.form::<OpenCheckout>()?).await
}

pub(super) async fn get(call: Call) -> Result<Answer> {
    service::get(&call.ctx, call.id("id")?).await
}
