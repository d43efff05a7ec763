//! Handlers: read, one service call, answer.

use super::service;
use super::types::{Buy, Discount};
use crate::context::Answer;
use crate::domain::Result;
use crate::http::Call;

pub(super) async fn create(call: Call) -> Result<Answer> {
    service::create(&call.ctx, call.form::<Buy>()?).await
}

pub(super) async fn validate_discount(call: Call) -> Result<Answer> {
    service::validate_discount(&call.ctx, call.form::<Discount>()?).await
}

pub(super) async fn list(call: Call) -> Result<Answer> {
    service::list(&call.ctx, call.page()?).await
}

pub(super) async fn download(call: Call) -> Result<Answer> {
    let wanted = call.query.iter().find(|(name, _)| name == "product");
    let product = wanted.map(|(_, value)| value.as_str());
    service::download(&call.ctx, call.id("id")?, product).await
}
