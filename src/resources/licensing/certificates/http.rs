//! Handlers: read, one service call, answer.

use super::service;
use super::types::Checkout;
use crate::context::Answer;
use crate::domain::Result;
use crate::http::Call;
use crate::resources::licensing::licenses;

pub(super) async fn checkout(call: Call) -> Result<Answer> {
    let id = call.id("id")?;
    let form = call.form_for::<Checkout>(licenses::service::exists(&call.ctx, id)).await?;
    service::checkout(&call.ctx, id, form).await
}

pub(super) async fn public_key(call: Call) -> Result<Answer> {
    service::public_key(&call.ctx, call.place("account")).await
}

pub(super) async fn revocation_list(call: Call) -> Result<Answer> {
    service::revocation_list(&call.ctx, call.place("account"), parameter(&call, "mode")).await
}

pub(super) async fn key_set(call: Call) -> Result<Answer> {
    service::key_set(&call.ctx, parameter(&call, "seller")).await
}

pub(super) async fn order_hashes(call: Call) -> Result<Answer> {
    service::order_hashes(&call.ctx, parameter(&call, "seller"), parameter(&call, "prefix")).await
}

fn parameter<'a>(call: &'a Call, name: &str) -> &'a str {
    let found = call.query.iter().find(|(key, _)| key == name);
    found.map_or("", |(_, value)| value.as_str())
}
