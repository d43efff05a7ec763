//! Handlers: read, one service call, answer.

use super::service;
use super::types::{ExportPayments, ListPayments, UpdatePayment};
use crate::context::Answer;
use crate::domain::Result;
use crate::http::Call;

pub(super) async fn list(call: Call) -> Result<Answer> {
    service::list(&call.ctx, call.filter::<ListPayments>()?, call.page()?).await
}

pub(super) async fn get(call: Call) -> Result<Answer> {
    service::get(&call.ctx, call.id("id")?).await
}

pub(super) async fn stats(call: Call) -> Result<Answer> {
    service::stats(&call.ctx).await
}

pub(super) async fn update(call: Call) -> Result<Answer> {
    let id = call.id("id")?;
    let change = call.form_for::<UpdatePayment>(service::exists(&call.ctx, id)).await?;
    service::update(&call.ctx, id, change).await
}

pub(super) async fn export(call: Call) -> Result<Answer> {
    service::export(&call.ctx, &call.form::<ExportPayments>()?).await
}
