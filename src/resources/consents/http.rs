//! Handlers. A page without scripts sends a form and is sent back; a script sends JSON and is told.

use super::types::ListConsents;
use super::{log, service};
use crate::context::Answer;
use crate::domain::Result;
use crate::http::{Call, html};
use serde_json::{Map, Value, json};

pub(super) async fn give(call: Call) -> Result<Answer> {
    let media = call.header("content-type").unwrap_or_default();
    let is_form = media.starts_with("application/x-www-form-urlencoded");
    let done = match body(&call, is_form) {
        Ok(body) => service::give(&call.ctx, &body, call.header("user-agent")).await,
        Err(error) => Err(error),
    };
    match (done, is_form) {
        (Ok(taken), true) => Ok(html::see_other(&format!(
            "{}/sandbox/checkout/{}",
            call.ctx.house.public_url, taken.checkout
        ))),
        (Ok(taken), false) => {
            let told = json!({"success": true, "logged": taken.is_logged});
            Ok(Answer::raw(200, "application/json", told.to_string()))
        }
        (Err(error), _) => {
            let text = error.fields.first().map_or(&error.message, |field| &field.message);
            let told = json!({ "error": text });
            let answer = Answer::raw(error.kind().status(), "application/json", told.to_string());
            Ok(match error.retry_after_s {
                Some(seconds) => answer.header("Retry-After", seconds.to_string()),
                None => answer,
            })
        }
    }
}

pub(super) async fn list(call: Call) -> Result<Answer> {
    let filter = call.filter::<ListConsents>()?;
    let wanted = call.header("accept").unwrap_or_default();
    let wants_csv = wanted.split(',').any(|part| {
        part.split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .eq_ignore_ascii_case("text/csv")
    });
    match wants_csv {
        true => log::export(&call.ctx, filter).await,
        false => log::list(&call.ctx, filter, call.page()?).await,
    }
}

fn body(call: &Call, is_form: bool) -> Result<Map<String, Value>> {
    if !is_form {
        return call.object();
    }
    let fields = url::form_urlencoded::parse(&call.bytes).into_owned();
    Ok(fields.map(|(name, value)| (name, Value::String(value))).collect())
}
