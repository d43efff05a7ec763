//! Handlers: read, one service call, answer.

use super::service;
use super::types::OpenCheckout;
use crate::context::{Answer, Room};
use crate::domain::Result;
use crate::http::Call;
use futures_util::future::LocalBoxFuture;

pub(super) async fn open(call: Call) -> Result<Answer> {
    service::open(&call.ctx, call.form::<OpenCheckout>()?).await
}

/// The shop that sells what the body names.
pub(super) fn shop(call: &Call) -> LocalBoxFuture<'_, Result<Option<Room>>> {
    let product = call.id_in_body(&["product_id", "productId"]);
    let course = call.id_in_body(&["course_id", "courseId"]);
    Box::pin(service::shop(&call.ctx, product, course))
}

pub(super) async fn get(call: Call) -> Result<Answer> {
    service::get(&call.ctx, call.id("id")?).await
}
