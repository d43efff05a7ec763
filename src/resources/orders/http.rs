//! Handlers: read, one service call, answer.

use super::types::{AskedWindow, ListOrders};
use super::{receipts, service, summary};
use crate::context::Answer;
use crate::domain::Result;
use crate::http::Call;
use crate::http::page::wants_data;

pub(super) async fn list(call: Call) -> Result<Answer> {
    service::list(&call.ctx, &call.filter::<ListOrders>()?, &call.page()?).await
}

pub(super) async fn get(call: Call) -> Result<Answer> {
    service::get(&call.ctx, call.id("id")?).await
}

pub(super) async fn receipt(call: Call) -> Result<Answer> {
    let receipt = receipts::find(&call.ctx, call.place("token")).await?;
    match wants_data(call.header("accept")) {
        true => Answer::one("receipt", &receipt),
        false => Ok(receipts::page(&receipt)),
    }
}

pub(super) async fn summary(call: Call) -> Result<Answer> {
    summary::read(&call.ctx, &call.filter::<AskedWindow>()?).await
}
