//! Alive, ready, measured.

use crate::context::Answer;
use crate::domain::{Code, Error, Result};
use crate::http::Call;
use crate::telemetry::series;
use serde_json::json;

pub(super) async fn healthz(_call: Call) -> Result<Answer> {
    Ok(Answer::raw(200, "application/json", json!({"status": "ok"}).to_string()))
}

pub(super) async fn readyz(call: Call) -> Result<Answer> {
    let database = call.ctx.store().ready().await;
    let actors = call.ctx.house.actors.ready().is_ok();
    let word = |good: bool| if good { "ok" } else { "failing" };
    let ready = database.is_ok() && actors;
    let body = json!({"status": word(ready), "checks": {"database": word(database.is_ok()), "actors": word(actors)}});
    let answer = Answer::raw(if ready { 200 } else { 503 }, "application/json", body.to_string());
    Ok(if ready {
        answer
    } else {
        answer.header("Retry-After", "1".to_owned())
    })
}

pub(super) async fn metrics(call: Call) -> Result<Answer> {
    let address = call.ctx.address.to_canonical();
    if !address.is_loopback() && !call.ctx.house.config.server.trusts(address) {
        return Err(Error::new(Code::NoRoute, "There is nothing at this path."));
    }
    call.ctx.house.actors.set_gauges().await;
    series::commands(call.ctx.store().stats().commands);
    series::clock_offset(call.ctx.house.clock.offset_ms());
    Ok(Answer::raw(
        200,
        "text/plain; version=0.0.4; charset=utf-8",
        call.ctx.house.metrics.render(),
    ))
}
