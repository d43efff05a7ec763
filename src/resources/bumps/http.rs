//! Handlers: read, one service call, answer. The price stands in the bump product's currency, which the body names only
//! by its product: it is read once to learn that, and again to learn the price.

use super::service;
use super::types::{CreateBump, ListBumps, UpdateBump};
use crate::context::Answer;
use crate::domain::Result;
use crate::http::Call;

pub(super) async fn list(call: Call) -> Result<Answer> {
    service::list(&call.ctx, call.filter::<ListBumps>()?, call.page()?).await
}

pub(super) async fn create(call: Call) -> Result<Answer> {
    let named = call.form::<CreateBump>()?.bump_product_id;
    let currency = service::currency(&call.ctx, named).await?;
    service::create(&call.ctx, call.form_in::<CreateBump>(&currency)?).await
}

pub(super) async fn get(call: Call) -> Result<Answer> {
    service::get(&call.ctx, call.id("id")?).await
}

pub(super) async fn update(call: Call) -> Result<Answer> {
    let id = call.id("id")?;
    let named = call
        .form_for::<UpdateBump>(service::exists(&call.ctx, id))
        .await?
        .bump_product_id;
    let currency = match named {
        Some(named) => service::currency(&call.ctx, named).await?,
        None => service::currency_of(&call.ctx, id).await?,
    };
    service::update(&call.ctx, id, call.form_in::<UpdateBump>(&currency)?).await
}

pub(super) async fn delete(call: Call) -> Result<Answer> {
    service::delete(&call.ctx, call.id("id")?).await
}
