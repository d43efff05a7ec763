//! Handlers: read, one service call, answer.

use super::types::{AskRefund, DecideRequest, ListRequests, RefundPayment};
use super::{requests, service};
use crate::context::Answer;
use crate::domain::Result;
use crate::http::Call;

pub(super) async fn refund(call: Call) -> Result<Answer> {
    let id = call.id("id")?;
    service::refund(&call.ctx, id, call.form::<RefundPayment>()?).await
}

pub(super) async fn ask(call: Call) -> Result<Answer> {
    requests::ask(&call.ctx, call.form::<AskRefund>()?).await
}

pub(super) async fn list(call: Call) -> Result<Answer> {
    requests::list(&call.ctx, call.filter::<ListRequests>()?, call.page()?).await
}

pub(super) async fn get(call: Call) -> Result<Answer> {
    requests::get(&call.ctx, call.id("id")?).await
}

pub(super) async fn decide(call: Call) -> Result<Answer> {
    let id = call.id("id")?;
    let form = call.form_for::<DecideRequest>(requests::exists(&call.ctx, id)).await?;
    requests::decide(&call.ctx, id, form).await
}
