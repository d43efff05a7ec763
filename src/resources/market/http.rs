//! Handlers: read, one service call, answer.

use super::types::{Browse, Period};
use super::{analytics, service};
use crate::context::Answer;
use crate::domain::Result;
use crate::http::Call;

pub(super) async fn browse(call: Call) -> Result<Answer> {
    service::browse(&call.ctx, call.filter::<Browse>()?, call.page()?).await
}

pub(super) async fn show(call: Call) -> Result<Answer> {
    service::show(&call.ctx, call.place("slug"), call.is_head).await
}

pub(super) async fn overview(call: Call) -> Result<Answer> {
    analytics::overview(&call.ctx, &call.filter::<Period>()?).await
}

pub(super) async fn revenue(call: Call) -> Result<Answer> {
    analytics::revenue(&call.ctx, &call.filter::<Period>()?).await
}

pub(super) async fn products(call: Call) -> Result<Answer> {
    analytics::products(&call.ctx, &call.filter::<Period>()?).await
}
