//! Handlers: read, one service call, answer.

use super::service;
use super::types::{CreateCoupon, ListCoupons, UpdateCoupon};
use crate::context::Answer;
use crate::domain::Result;
use crate::http::Call;

pub(super) async fn list(call: Call) -> Result<Answer> {
    service::list(&call.ctx, call.filter::<ListCoupons>()?, call.page()?).await
}

pub(super) async fn list_all(call: Call) -> Result<Answer> {
    service::list_all(&call.ctx, call.filter::<ListCoupons>()?, call.page()?).await
}

pub(super) async fn create(call: Call) -> Result<Answer> {
    service::create(&call.ctx, call.form::<CreateCoupon>()?).await
}

pub(super) async fn get(call: Call) -> Result<Answer> {
    service::get(&call.ctx, call.id("id")?).await
}

pub(super) async fn update(call: Call) -> Result<Answer> {
    let id = call.id("id")?;
    let known = service::known(&call.ctx, id).await?;
    service::update(&call.ctx, id, call.form_onto::<UpdateCoupon>(&known)?).await
}

pub(super) async fn delete(call: Call) -> Result<Answer> {
    service::delete(&call.ctx, call.id("id")?).await
}

pub(super) async fn stats(call: Call) -> Result<Answer> {
    service::stats::read(&call.ctx, call.id("id")?).await
}
