//! Handlers: read, one service call, answer.

use super::service::{self, Owner};
use super::types::{Chosen, CreateFeature, UpdateFeature};
use crate::context::Answer;
use crate::domain::Result;
use crate::http::Call;

pub(super) async fn list(call: Call) -> Result<Answer> {
    service::list(&call.ctx, call.page()?).await
}

pub(super) async fn create(call: Call) -> Result<Answer> {
    service::create(&call.ctx, call.form::<CreateFeature>()?).await
}

pub(super) async fn get(call: Call) -> Result<Answer> {
    service::get(&call.ctx, call.id("id")?).await
}

pub(super) async fn update(call: Call) -> Result<Answer> {
    let id = call.id("id")?;
    let change = call.form_for::<UpdateFeature>(service::exists(&call.ctx, id)).await?;
    service::update(&call.ctx, id, change).await
}

pub(super) async fn delete(call: Call) -> Result<Answer> {
    service::delete(&call.ctx, call.id("id")?).await
}

pub(super) async fn of_license(call: Call) -> Result<Answer> {
    service::held(&call.ctx, Owner::License(call.id("id")?)).await
}

pub(super) async fn of_policy(call: Call) -> Result<Answer> {
    service::held(&call.ctx, Owner::Policy(call.id("id")?)).await
}

pub(super) async fn attach_to_license(call: Call) -> Result<Answer> {
    let owner = Owner::License(call.id("id")?);
    let chosen = call.form_for::<Chosen>(service::owner_exists(&call.ctx, owner)).await?;
    service::attach(&call.ctx, owner, chosen).await
}

pub(super) async fn detach_from_license(call: Call) -> Result<Answer> {
    let owner = Owner::License(call.id("id")?);
    let chosen = call.form_for::<Chosen>(service::owner_exists(&call.ctx, owner)).await?;
    service::detach(&call.ctx, owner, chosen).await
}

pub(super) async fn attach_to_policy(call: Call) -> Result<Answer> {
    let owner = Owner::Policy(call.id("id")?);
    let chosen = call.form_for::<Chosen>(service::owner_exists(&call.ctx, owner)).await?;
    service::attach(&call.ctx, owner, chosen).await
}

pub(super) async fn detach_from_policy(call: Call) -> Result<Answer> {
    let owner = Owner::Policy(call.id("id")?);
    let chosen = call.form_for::<Chosen>(service::owner_exists(&call.ctx, owner)).await?;
    service::detach(&call.ctx, owner, chosen).await
}
