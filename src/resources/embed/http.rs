//! Handlers. The routes speak no dialect, so bodies and errors have one form for all shops.

use super::types::{AskFree, OpenEmbedded};
use super::{rules, service};
use crate::context::Answer;
use crate::domain::{Error, Result};
use crate::http::Call;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// The script; it holds nothing of a shop.
const SCRIPT: &str = include_str!("checkout.js");

pub(super) async fn checkout_session(call: Call) -> Result<Answer> {
    let done = match read::<OpenEmbedded>(&call, "embed.checkout_session") {
        Ok(form) => service::open(&call.ctx, rules::origin(call.header("origin")), form).await,
        Err(error) => Err(error),
    };
    Ok(told(done))
}

pub(super) async fn free_access(call: Call) -> Result<Answer> {
    let done = match read::<AskFree>(&call, "embed.free_access") {
        Ok(form) => service::give(&call.ctx, rules::origin(call.header("origin")), form).await,
        Err(error) => Err(error),
    };
    Ok(told(done))
}

pub(super) async fn preflight(call: Call) -> Result<Answer> {
    let slug = call.query.iter().find(|(name, _)| name == "productSlug");
    let slug = slug.map(|(_, slug)| slug.as_str()).unwrap_or_default();
    match service::may_call(&call.ctx, rules::origin(call.header("origin")), slug).await {
        Ok(()) => Ok(Answer::Empty
            .header("Access-Control-Allow-Methods", "POST, OPTIONS".to_owned())
            .header(
                "Access-Control-Allow-Headers",
                "Content-Type, X-Sellf-Embed-Version".to_owned(),
            )
            .header("Access-Control-Max-Age", "600".to_owned())),
        Err(error) => Ok(told(Err(error))),
    }
}

pub(super) async fn script(_call: Call) -> Result<Answer> {
    let answer = Answer::raw(200, "application/javascript; charset=utf-8", SCRIPT);
    Ok(answer
        .header("Cache-Control", "public, max-age=3600".to_owned())
        .header("Cross-Origin-Resource-Policy", "cross-origin".to_owned()))
}

/// The body by the native form, whatever dialect the server speaks by default.
fn read<T: DeserializeOwned>(call: &Call, op: &str) -> Result<T> {
    let neutral = call.ctx.house.dialects.native().read(op, &call.object()?)?;
    serde_json::from_value(Value::Object(neutral)).map_err(Error::internal)
}

fn told(done: Result<Value>) -> Answer {
    let error = match done {
        Ok(value) => return Answer::raw(200, "application/json", value.to_string()),
        Err(error) => error,
    };
    let text = match error.fields.is_empty() {
        true => error.message.to_string(),
        false => {
            let fields: Vec<&str> = error.fields.iter().map(|field| field.message.as_ref()).collect();
            fields.join("; ")
        }
    };
    let body = json!({"error": text, "type": rules::type_of(&error)}).to_string();
    let answer = Answer::raw(error.kind().status(), "application/json", body);
    match error.retry_after_s {
        Some(seconds) => answer.header("Retry-After", seconds.to_string()),
        None => answer,
    }
}
