//! Handlers: read, one service call, answer.

use super::types::{AskRefund, DecideRequest, ListRequests, RefundPayment};
use super::{requests, service};
use crate::context::{Answer, Room};
use crate::domain::Result;
use crate::http::Call;
use futures_util::future::LocalBoxFuture;

pub(super) async fn refund(call: Call) -> Result<Answer> {
    let id = call.id("id")?;
    service::refund(&call.ctx, id, call.form::<RefundPayment>()?).await
}

pub(super) async fn ask(call: Call) -> Result<Answer> {
    requests::ask(&call.ctx, call.form::<AskRefund>()?).await
}

/// The shop that was paid.
pub(super) fn shop(call: &Call) -> LocalBoxFuture<'_, Result<Option<Room>>> {
    let names = ["transaction_id", "transactionId", "payment_id", "paymentId"];
    Box::pin(requests::shop(&call.ctx, call.id_in_body(&names)))
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
