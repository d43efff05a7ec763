//! The handler: one service call, answer.

use super::service;
use crate::context::Answer;
use crate::domain::Result;
use crate::http::Call;

pub(super) async fn get(call: Call) -> Result<Answer> {
    service::get(&call.ctx).await
}
