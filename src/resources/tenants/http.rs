//! Handlers of the operator's routes.

use super::service;
use super::types::{CreateTenant, UpdateTenant};
use crate::context::Answer;
use crate::domain::Result;
use crate::http::Call;

pub(super) async fn create(call: Call) -> Result<Answer> {
    service::create(&call.ctx, call.form::<CreateTenant>()?).await
}

pub(super) async fn list(call: Call) -> Result<Answer> {
    service::list(&call.ctx, call.page()?).await
}

pub(super) async fn get(call: Call) -> Result<Answer> {
    service::get(&call.ctx, call.id("id")?).await
}

pub(super) async fn update(call: Call) -> Result<Answer> {
    let id = call.id("id")?;
    let exists = async { service::room(&call.ctx, id).await.map(|_| ()) };
    let change = call.form_for::<UpdateTenant>(exists).await?;
    service::update(&call.ctx, id, change).await
}
