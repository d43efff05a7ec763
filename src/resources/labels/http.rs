//! Handlers; the route's operation says which kind of label is meant.

use super::service::{self, Kind};
use super::types::{CreateLabel, ListLabels, UpdateLabel};
use crate::context::Answer;
use crate::domain::Result;
use crate::http::Call;

fn kind(call: &Call) -> Kind {
    match call.route.op.split('.').next() {
        Some("categories") => Kind::Category,
        _ => Kind::Tag,
    }
}

pub(super) async fn list(call: Call) -> Result<Answer> {
    service::list(&call.ctx, kind(&call), call.filter::<ListLabels>()?, call.page()?).await
}

pub(super) async fn create(call: Call) -> Result<Answer> {
    service::create(&call.ctx, kind(&call), call.form::<CreateLabel>()?).await
}

pub(super) async fn get(call: Call) -> Result<Answer> {
    service::get(&call.ctx, kind(&call), call.id("id")?).await
}

pub(super) async fn update(call: Call) -> Result<Answer> {
    let (kind, id) = (kind(&call), call.id("id")?);
    let change = call.form_for::<UpdateLabel>(service::exists(&call.ctx, kind, id)).await?;
    service::update(&call.ctx, kind, id, change).await
}

pub(super) async fn delete(call: Call) -> Result<Answer> {
    service::delete(&call.ctx, kind(&call), call.id("id")?).await
}
