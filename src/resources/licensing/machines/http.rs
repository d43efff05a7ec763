//! Handlers: read, one service call, answer.

use super::types::{CreateMachine, ListMachines};
use super::{activate, service};
use crate::context::Answer;
use crate::domain::Result;
use crate::http::Call;

pub(super) async fn list(call: Call) -> Result<Answer> {
    service::list(&call.ctx, call.filter::<ListMachines>()?, call.page()?).await
}

pub(super) async fn create(call: Call) -> Result<Answer> {
    activate::create(&call.ctx, call.form::<CreateMachine>()?).await
}

pub(super) async fn get(call: Call) -> Result<Answer> {
    service::get(&call.ctx, call.id("id")?).await
}

pub(super) async fn delete(call: Call) -> Result<Answer> {
    service::delete(&call.ctx, call.id("id")?).await
}

pub(super) async fn heartbeat(call: Call) -> Result<Answer> {
    service::heartbeat(&call.ctx, call.id("id")?).await
}
