//! The handler: read, one service call, answer.

use super::service::{self, Asked};
use crate::context::Answer;
use crate::domain::Result;
use crate::http::Call;

pub(super) async fn get(call: Call) -> Result<Answer> {
    let asked = Asked {
        // Of the head alone no piece can be asked for (RFC 9110, section 14.2).
        range: call.header("range").filter(|_| !call.is_head),
        if_range: call.header("if-range"),
        if_match: call.header("if-match"),
        if_none_match: call.header("if-none-match"),
    };
    let link = (call.place("id"), call.place("name"));
    service::get(&call.ctx, link, &call.query, &asked).await
}
