//! Handlers: read, one service call, answer.

use super::service;
use super::types::{ExtendAccess, GrantAccess, ListUsers};
use crate::context::Answer;
use crate::domain::Result;
use crate::http::Call;

pub(super) async fn list(call: Call) -> Result<Answer> {
    service::list(&call.ctx, call.filter::<ListUsers>()?, call.page()?).await
}

pub(super) async fn get(call: Call) -> Result<Answer> {
    service::get(&call.ctx, call.id("id")?).await
}

pub(super) async fn access_list(call: Call) -> Result<Answer> {
    service::access::list(&call.ctx, call.id("id")?, call.page()?).await
}

pub(super) async fn access_grant(call: Call) -> Result<Answer> {
    let user = call.id("id")?;
    let form = call.form_for::<GrantAccess>(service::exists(&call.ctx, user)).await?;
    service::access::grant(&call.ctx, user, form).await
}

pub(super) async fn access_get(call: Call) -> Result<Answer> {
    service::access::get(&call.ctx, call.id("id")?, call.id("access_id")?).await
}

pub(super) async fn access_update(call: Call) -> Result<Answer> {
    let (user, id) = (call.id("id")?, call.id("access_id")?);
    let form = call
        .form_for::<ExtendAccess>(service::access::exists(&call.ctx, user, id))
        .await?;
    service::access::update(&call.ctx, user, id, form).await
}

pub(super) async fn access_revoke(call: Call) -> Result<Answer> {
    service::access::revoke(&call.ctx, call.id("id")?, call.id("access_id")?).await
}

pub(super) async fn access_why(call: Call) -> Result<Answer> {
    service::access::why(&call.ctx, call.id("id")?, call.id("access_id")?).await
}
