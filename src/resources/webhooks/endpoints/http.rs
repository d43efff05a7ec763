//! Handlers: read, one service call, answer.

use super::types::{CreateEndpoint, ListEndpoints, RotateSecret, TestEndpoint, UpdateEndpoint};
use super::{sample, secrets, service};
use crate::context::Answer;
use crate::domain::Result;
use crate::http::Call;

pub(super) async fn list(call: Call) -> Result<Answer> {
    service::list(&call.ctx, call.filter::<ListEndpoints>()?, call.page()?).await
}

pub(super) async fn create(call: Call) -> Result<Answer> {
    service::create(&call.ctx, call.form::<CreateEndpoint>()?).await
}

pub(super) async fn get(call: Call) -> Result<Answer> {
    service::get(&call.ctx, call.id("id")?).await
}

pub(super) async fn update(call: Call) -> Result<Answer> {
    let id = call.id("id")?;
    let change = call.form_for::<UpdateEndpoint>(service::exists(&call.ctx, id)).await?;
    service::update(&call.ctx, id, change).await
}

pub(super) async fn delete(call: Call) -> Result<Answer> {
    service::delete(&call.ctx, call.id("id")?).await
}

pub(super) async fn test(call: Call) -> Result<Answer> {
    let id = call.id("id")?;
    let form = call.form_for::<TestEndpoint>(service::exists(&call.ctx, id)).await?;
    sample::send(&call.ctx, id, form).await
}

pub(super) async fn rotate_secret(call: Call) -> Result<Answer> {
    let id = call.id("id")?;
    let form = call.form_for::<RotateSecret>(service::exists(&call.ctx, id)).await?;
    secrets::rotate(&call.ctx, id, form).await
}
