//! Handlers: read, one service call, answer.

use super::service;
use super::types::{AskDashboard, AskRevenue, AskTopProducts};
use crate::context::Answer;
use crate::domain::Result;
use crate::http::Call;

pub(super) async fn dashboard(call: Call) -> Result<Answer> {
    service::dashboard(&call.ctx, call.filter::<AskDashboard>()?).await
}

pub(super) async fn revenue(call: Call) -> Result<Answer> {
    service::revenue(&call.ctx, call.filter::<AskRevenue>()?).await
}

pub(super) async fn top_products(call: Call) -> Result<Answer> {
    service::top_products(&call.ctx, call.filter::<AskTopProducts>()?).await
}
