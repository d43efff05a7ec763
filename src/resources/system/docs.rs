//! The API description and a page that reads it; nothing is fetched from anywhere else.

use crate::context::Answer;
use crate::domain::{Code, Error, Result};
use crate::http::{Call, openapi as description};
use std::sync::{Arc, LazyLock};
use utoipa_swagger_ui::Config;

static VIEWER: LazyLock<Arc<Config<'static>>> =
    LazyLock::new(|| Arc::new(Config::from("/openapi.json").validator_url("none").try_it_out_enabled(true)));

pub(super) async fn openapi(call: Call) -> Result<Answer> {
    let ctx = &call.ctx;
    let wanted = call
        .query
        .iter()
        .find(|(name, _)| name == "dialect")
        .map(|(_, value)| value.as_str());
    let dialect = match wanted {
        None => ctx.house.dialects.native(),
        Some(name) => ctx.house.dialects.get(name).ok_or_else(|| Error::not_found("dialect"))?,
    };
    let document = description::document(crate::resources::routes(), dialect, &ctx.house.public_url);
    Ok(Answer::raw(200, "application/json", document.to_string()))
}

pub(super) async fn page(_call: Call) -> Result<Answer> {
    // Relative names on the page resolve below `/docs/`, so that is where it stands.
    Ok(Answer::raw(302, "text/plain", "").header("Location", "/docs/".to_owned()))
}

pub(super) async fn file(call: Call) -> Result<Answer> {
    let name = match call.place("file") {
        "" => "index.html",
        name => name,
    };
    let found = utoipa_swagger_ui::serve(name, VIEWER.clone()).map_err(|error| Error::internal(error.to_string()))?;
    let file = found.ok_or_else(|| Error::new(Code::NoRoute, "There is nothing at this path."))?;
    let answer = Answer::raw(200, &file.content_type, file.bytes.into_owned());
    Ok(answer.header("Cache-Control", "public, max-age=3600".to_owned()))
}
