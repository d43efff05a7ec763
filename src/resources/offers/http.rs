//! Handlers: read, one service call, answer.

use super::service;
use super::types::PutOffer;
use crate::context::Answer;
use crate::domain::{Code, Error, Result};
use crate::http::Call;
use crate::resources::products;

pub(super) async fn get(call: Call) -> Result<Answer> {
    service::get(&call.ctx, call.id("id")?).await
}

pub(super) async fn put(call: Call) -> Result<Answer> {
    let id = call.id("id")?;
    let form = call.form_for::<PutOffer>(products::service::exists(&call.ctx, id)).await;
    let form = form.map_err(unreadable)?;
    service::put(&call.ctx, id, form).await
}

/// An id that none can be makes the request unreadable, in the body as in the path; every other fault is a field's.
fn unreadable(mut error: Error) -> Error {
    let is_about_fields = error.code == Code::Validation && !error.fields.is_empty();
    if is_about_fields && error.fields.iter().all(|field| field.rule == "uuid") {
        error.code = Code::Malformed;
    }
    error
}

pub(super) async fn delete(call: Call) -> Result<Answer> {
    service::delete(&call.ctx, call.id("id")?).await
}
