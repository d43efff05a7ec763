//! Handlers: read, one service call, answer.

use super::service;
use super::types::{CreatePolicy, ListPolicies, UpdatePolicy};
use crate::context::Answer;
use crate::domain::Result;
use crate::http::Call;

pub(super) async fn list(call: Call) -> Result<Answer> {
    service::list(&call.ctx, call.filter::<ListPolicies>()?, call.page()?).await
}

pub(super) async fn create(call: Call) -> Result<Answer> {
    service::create(&call.ctx, call.form::<CreatePolicy>()?).await
}

pub(super) async fn get(call: Call) -> Result<Answer> {
    service::get(&call.ctx, call.id("id")?).await
}

pub(super) async fn update(call: Call) -> Result<Answer> {
    let id = call.id("id")?;
    let change = call.form_for::<UpdatePolicy>(service::exists(&call.ctx, id)).await?;
    service::update(&call.ctx, id, change).await
}

pub(super) async fn delete(call: Call) -> Result<Answer> {
    service::delete(&call.ctx, call.id("id")?).await
}
