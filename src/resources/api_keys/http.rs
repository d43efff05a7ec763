//! Handlers of the session and operator routes.

use super::service;
use super::types::{CreateKey, GrantKey, ListKeys, RevokeKey, RotateKey, UpdateKey};
use crate::context::Answer;
use crate::domain::Result;
use crate::http::Call;
use crate::resources::tenants;

pub(super) async fn list(call: Call) -> Result<Answer> {
    service::list(&call.ctx, call.filter::<ListKeys>()?, call.page()?).await
}

pub(super) async fn create(call: Call) -> Result<Answer> {
    service::create(&call.ctx, call.form::<CreateKey>()?).await
}

pub(super) async fn get(call: Call) -> Result<Answer> {
    service::get(&call.ctx, call.id("id")?).await
}

pub(super) async fn update(call: Call) -> Result<Answer> {
    let id = call.id("id")?;
    let change = call.form_for::<UpdateKey>(service::exists(&call.ctx, id)).await?;
    service::update(&call.ctx, id, change).await
}

pub(super) async fn revoke(call: Call) -> Result<Answer> {
    let id = call.id("id")?;
    service::exists(&call.ctx, id).await?;
    let form: RevokeKey = call.filter()?;
    service::revoke(&call.ctx, id, form.reason).await
}

pub(super) async fn rotate(call: Call) -> Result<Answer> {
    let id = call.id("id")?;
    let form = call.form_for::<RotateKey>(service::exists(&call.ctx, id)).await?;
    service::rotate(&call.ctx, id, form).await
}

pub(super) async fn own_list(mut call: Call) -> Result<Answer> {
    service::own::enter(&mut call.ctx, service::own::For::Reading).await?;
    match call.ctx.room {
        Some(_) => list(call).await,
        None => service::own::none(call.page()?),
    }
}

pub(super) async fn own_create(mut call: Call) -> Result<Answer> {
    let form = call.form::<CreateKey>()?;
    service::own::check(&call.ctx, &form)?;
    service::own::enter(&mut call.ctx, service::own::For::Creating).await?;
    service::create(&call.ctx, form).await
}

pub(super) async fn own_revoke(mut call: Call) -> Result<Answer> {
    let id = call.id("id")?;
    service::own::enter(&mut call.ctx, service::own::For::Revoking(id)).await?;
    revoke(call).await
}

pub(super) async fn operator_create(mut call: Call) -> Result<Answer> {
    call.ctx.room = Some(tenants::service::room(&call.ctx, call.id("id")?).await?);
    service::grant(&call.ctx, call.form::<GrantKey>()?).await
}

pub(super) async fn operator_list(mut call: Call) -> Result<Answer> {
    call.ctx.room = Some(tenants::service::room(&call.ctx, call.id("id")?).await?);
    list(call).await
}

pub(super) async fn operator_revoke(mut call: Call) -> Result<Answer> {
    call.ctx.room = Some(tenants::service::room(&call.ctx, call.id("id")?).await?);
    let form: RevokeKey = call.filter()?;
    service::revoke(&call.ctx, call.id("key")?, form.reason).await
}
