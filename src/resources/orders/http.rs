//! Handlers: read, one service call, answer.

use super::types::{AskedWindow, ListOrders};
use super::{receipts, service, summary};
use crate::context::Answer;
use crate::domain::{Kind, Result};
use crate::http::Call;
use crate::http::page::{absent, wants_data};

pub(super) async fn list(call: Call) -> Result<Answer> {
    service::list(&call.ctx, &call.filter::<ListOrders>()?, &call.page()?).await
}

pub(super) async fn get(call: Call) -> Result<Answer> {
    service::get(&call.ctx, call.id("id")?).await
}

pub(super) async fn receipt(call: Call) -> Result<Answer> {
    let is_data = wants_data(call.header("accept"));
    match receipts::find(&call.ctx, call.place("token")).await {
        Ok(receipt) if is_data => Answer::one("receipt", &receipt),
        Ok(receipt) => Ok(receipts::page(&receipt)),
        Err(error) if !is_data && error.kind() == Kind::NotFound => Ok(absent("There is no such receipt.")),
        Err(error) => Err(error),
    }
}

pub(super) async fn summary(call: Call) -> Result<Answer> {
    summary::read(&call.ctx, &call.filter::<AskedWindow>()?).await
}
