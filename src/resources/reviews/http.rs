//! Handlers: read, one service call, answer.

use super::service;
use super::types::{ChangeReview, CreateReview, ReplyReview};
use crate::context::Answer;
use crate::domain::Result;
use crate::http::Call;

pub(super) async fn list(call: Call) -> Result<Answer> {
    service::list(&call.ctx, call.place("slug"), call.page()?).await
}

pub(super) async fn create(call: Call) -> Result<Answer> {
    let form = call
        .form_for::<CreateReview>(service::exists(&call.ctx, call.place("slug"), None))
        .await?;
    service::create(&call.ctx, call.place("slug"), form).await
}

pub(super) async fn update(call: Call) -> Result<Answer> {
    let (slug, id) = (call.place("slug"), call.id("id")?);
    let form = call
        .form_for::<ChangeReview>(service::exists(&call.ctx, slug, Some(id)))
        .await?;
    service::update(&call.ctx, slug, id, form).await
}

pub(super) async fn delete(call: Call) -> Result<Answer> {
    service::delete(&call.ctx, call.place("slug"), call.id("id")?).await
}

pub(super) async fn reply(call: Call) -> Result<Answer> {
    let (slug, id) = (call.place("slug"), call.id("id")?);
    let form = call
        .form_for::<ReplyReview>(service::exists(&call.ctx, slug, Some(id)))
        .await?;
    service::reply(&call.ctx, slug, id, form).await
}
