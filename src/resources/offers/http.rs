//! Handlers: read, one service call, answer.

use super::service;
use super::types::PutOffer;
use crate::context::Answer;
use crate::domain::Result;
use crate::http::Call;
use crate::resources::products;

pub(super) async fn get(call: Call) -> Result<Answer> {
    service::get(&call.ctx, call.id("id")?).await
}

pub(super) async fn put(call: Call) -> Result<Answer> {
    let id = call.id("id")?;
    let form = call.form_for::<PutOffer>(products::service::exists(&call.ctx, id)).await?;
    service::put(&call.ctx, id, form).await
}

pub(super) async fn delete(call: Call) -> Result<Answer> {
    service::delete(&call.ctx, call.id("id")?).await
}
