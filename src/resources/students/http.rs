//! Handlers: read, one service call, answer.

use super::types::{CreateStudent, Enrol, ListStudents, UpdateStudent};
use super::{enrolling, service};
use crate::context::Answer;
use crate::domain::Result;
use crate::http::Call;

pub(super) async fn list(call: Call) -> Result<Answer> {
    service::list(&call.ctx, &call.filter::<ListStudents>()?, &call.page()?).await
}

pub(super) async fn create(call: Call) -> Result<Answer> {
    service::create(&call.ctx, call.form::<CreateStudent>()?).await
}

pub(super) async fn get(call: Call) -> Result<Answer> {
    service::get(&call.ctx, call.id("id")?).await
}

pub(super) async fn update(call: Call) -> Result<Answer> {
    let id = call.id("id")?;
    let change = call.form_for::<UpdateStudent>(service::exists(&call.ctx, id)).await?;
    service::update(&call.ctx, id, change).await
}

pub(super) async fn delete(call: Call) -> Result<Answer> {
    service::delete(&call.ctx, call.id("id")?).await
}

pub(super) async fn enrol(call: Call) -> Result<Answer> {
    enrolling::enrol(&call.ctx, &call.form::<Enrol>()?).await
}

pub(super) async fn revoke(call: Call) -> Result<Answer> {
    enrolling::revoke(&call.ctx, call.id("id")?).await
}
