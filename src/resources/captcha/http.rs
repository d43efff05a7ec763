//! Handlers. The route speaks no dialect: the widget reads it.

use super::service;
use crate::context::Answer;
use crate::domain::Result;
use crate::http::Call;

pub(super) async fn challenge(call: Call) -> Result<Answer> {
    let body = service::challenge(&call.ctx).await?;
    let answer = Answer::raw(200, "application/json", body.to_string());
    Ok(answer
        .header("Cache-Control", "no-store".to_owned())
        .header("Access-Control-Allow-Origin", "*".to_owned()))
}
