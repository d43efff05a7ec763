//! The sandbox clock: a year of schedules in one call.

use crate::context::Answer;
use crate::domain::{Code, Error, Result, Timestamp};
use crate::http::Call;
use serde::Deserialize;
use serde_json::json;

/// Furthest a single call goes: ten years.
const ADVANCE_MAX_S: u64 = 10 * 366 * 86_400;

#[derive(Deserialize)]
struct Advance {
    advance_seconds: u64,
}

pub(super) async fn get(call: Call) -> Result<Answer> {
    refuse_off(&call)?;
    told(call.ctx.now)
}

/// Passes every due moment in order and waits for what falls due to be attempted.
pub(super) async fn advance(call: Call) -> Result<Answer> {
    refuse_off(&call)?;
    let form: Advance = call.form()?;
    if form.advance_seconds > ADVANCE_MAX_S {
        return Err(Error::field(
            "advance_seconds",
            "range",
            "advance_seconds is at most ten years",
        ));
    }
    let now = call
        .ctx
        .house
        .advance(std::time::Duration::from_secs(form.advance_seconds))
        .await?;
    told(now)
}

fn told(now: Timestamp) -> Result<Answer> {
    Ok(Answer::raw(
        200,
        "application/json",
        json!({"data": {"now": now.millis_text()}}).to_string(),
    ))
}

fn refuse_off(call: &Call) -> Result<()> {
    if call.ctx.house.config.sandbox.clock {
        Ok(())
    } else {
        Err(Error::new(Code::NoRoute, "There is nothing at this path."))
    }
}
