//! Handlers.

use super::{receive, settings};
use crate::context::Answer;
use crate::domain::Result;
use crate::http::Call;

/// The signature counts over the bytes as they came.
pub(super) async fn receive(call: Call) -> Result<Answer> {
    let tenant = Some(call.place("tenant")).filter(|slug| !slug.is_empty());
    receive::receive(&call.ctx, tenant, call.header("stripe-signature"), &call.bytes).await
}

pub(super) async fn settings(call: Call) -> Result<Answer> {
    settings::show(&call.ctx).await
}

pub(super) async fn set(call: Call) -> Result<Answer> {
    settings::set(&call.ctx, call.form()?).await
}
