//! Handlers: read, one service call, answer.

use super::service;
use super::types::{CreateProduct, ListProducts, UpdateProduct};
use crate::context::Answer;
use crate::domain::Result;
use crate::http::Call;
use uuid::Uuid;

pub(super) async fn list(call: Call) -> Result<Answer> {
    service::list(&call.ctx, call.filter::<ListProducts>()?, call.page()?).await
}

pub(super) async fn list_all(call: Call) -> Result<Answer> {
    service::list_all(&call.ctx, call.filter::<ListProducts>()?, call.page()?).await
}

pub(super) async fn create(call: Call) -> Result<Answer> {
    service::create(&call.ctx, call.form::<CreateProduct>()?).await
}

pub(super) async fn get(call: Call) -> Result<Answer> {
    service::get(&call.ctx, call.id("id")?).await
}

pub(super) async fn update(call: Call) -> Result<Answer> {
    let id = call.id("id")?;
    changed(call, id).await
}

pub(super) async fn update_by_slug(call: Call) -> Result<Answer> {
    let id = service::id_of_slug(&call.ctx, call.place("slug")).await?;
    changed(call, id).await
}

/// An amount that is sent without a currency is of the product's own.
async fn changed(call: Call, id: Uuid) -> Result<Answer> {
    let currency = service::currency(&call.ctx, id).await?;
    service::update(&call.ctx, id, call.form_in::<UpdateProduct>(&currency)?).await
}

pub(super) async fn delete(call: Call) -> Result<Answer> {
    service::delete(&call.ctx, call.id("id")?).await
}
