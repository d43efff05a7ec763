//! Handlers.

use super::service;
use crate::context::Answer;
use crate::domain::Result;
use crate::http::Call;
use serde_json::{Map, Value};

pub(super) async fn create(call: Call) -> Result<Answer> {
    service::create(&call.ctx).await
}

pub(super) async fn take(call: Call) -> Result<Answer> {
    let headers: Map<String, Value> = call
        .headers
        .iter()
        .map(|(name, value)| {
            (
                name.as_str().to_owned(),
                Value::String(String::from_utf8_lossy(value.as_bytes()).into_owned()),
            )
        })
        .collect();
    service::take(&call.ctx, call.place("token"), headers, &call.bytes).await
}

pub(super) async fn show(call: Call) -> Result<Answer> {
    service::show(&call.ctx, call.place("token")).await
}
