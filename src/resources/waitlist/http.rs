//! Handlers. The public form speaks no dialect: its errors are `{"error": text}`, whatever the shop's own would be.

use super::service;
use super::types::{ListEntries, Signup};
use crate::context::Answer;
use crate::domain::{Code, Error, Result};
use crate::http::Call;
use serde_json::json;

pub(super) async fn signup(call: Call) -> Result<Answer> {
    let done = match read(&call) {
        Ok(form) => service::signup(&call.ctx, form).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(answer) => Ok(answer),
        Err(error) => Ok(flat(&error)),
    }
}

fn read(call: &Call) -> Result<Signup> {
    let media = call.header("content-type").unwrap_or_default();
    let media = media.split(';').next().unwrap_or_default().trim();
    if !media.eq_ignore_ascii_case("application/json") {
        return Err(Error::new(Code::UnsupportedMediaType, "Send JSON, as application/json."));
    }
    call.form::<Signup>()
}

/// An error outside the versioned API.
fn flat(error: &Error) -> Answer {
    let text = match error.fields.is_empty() {
        true => error.message.to_string(),
        false => {
            let told: Vec<&str> = error.fields.iter().map(|field| field.message.as_ref()).collect();
            told.join("; ")
        }
    };
    let body = json!({ "error": text }).to_string();
    let answer = Answer::raw(error.kind().status(), "application/json", body);
    match error.retry_after_s {
        Some(seconds) => answer.header("Retry-After", seconds.to_string()),
        None => answer,
    }
}

pub(super) async fn list(call: Call) -> Result<Answer> {
    let filter = call.filter::<ListEntries>()?;
    let wanted = call.header("accept").unwrap_or_default();
    let wants_csv = wanted.split(',').any(|part| {
        let media = part.split(';').next().unwrap_or_default().trim();
        media.eq_ignore_ascii_case("text/csv")
    });
    match wants_csv {
        true => service::export(&call.ctx, filter).await,
        false => service::list(&call.ctx, filter, call.page()?).await,
    }
}
