//! Handlers.

use super::service;
use super::types::{AcceptInvitation, ChangeMember, Invite};
use crate::context::Answer;
use crate::domain::Result;
use crate::http::Call;

pub(super) async fn list(call: Call) -> Result<Answer> {
    service::list(&call.ctx).await
}

pub(super) async fn invite(call: Call) -> Result<Answer> {
    service::invite(&call.ctx, call.form::<Invite>()?).await
}

pub(super) async fn update(call: Call) -> Result<Answer> {
    let id = call.id("id")?;
    let change = call.form_for::<ChangeMember>(service::exists(&call.ctx, id)).await?;
    service::update(&call.ctx, id, change).await
}

pub(super) async fn remove(call: Call) -> Result<Answer> {
    service::remove(&call.ctx, call.id("id")?).await
}

pub(super) async fn accept(call: Call) -> Result<Answer> {
    service::accept(&call.ctx, call.form::<AcceptInvitation>()?).await
}
