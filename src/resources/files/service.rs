//! One function per operation.

use crate::context::{Answer, Ctx, Streamed};
use crate::domain::files::link::Refused;
use crate::domain::files::name;
use crate::domain::files::range::{self, Part};
use crate::domain::{Code, Error, Result};
use crate::files::reading;
use crate::resources::versions;
use futures_util::StreamExt;

/// What a request says of the piece it wants and of what it has.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked<'a> {
    /// `Range`.
    pub range: Option<&'a str>,
    /// `If-Range`.
    pub if_range: Option<&'a str>,
    /// `If-Match`.
    pub if_match: Option<&'a str>,
    /// `If-None-Match`.
    pub if_none_match: Option<&'a str>,
}

/// Hands out the file behind a link.
///
/// # Errors
/// `Forbidden` for a link that was changed or has ended, `NotFound` where the file is gone.
pub async fn get(ctx: &Ctx, (id, given): (&str, &str), query: &[(String, String)], asked: &Asked<'_>) -> Result<Answer> {
    let files = &ctx.house.files;
    let id = files
        .links()
        .read(id, given, query, ctx.now.seconds())
        .map_err(|refused| match refused {
            Refused::Forged => Error::new(Code::Forbidden, "This link is not one that was given out."),
            Refused::Expired => Error::new(Code::Forbidden, "This link has ended; ask for another one."),
        })?;
    let version = versions::service::of_file(ctx.store().read(), id).await?.ok_or_else(gone)?;
    let tag = format!("\"{}\"", version.sha256);
    let mut headers: Vec<(String, String)> = [
        ("Accept-Ranges", "bytes"),
        ("Cache-Control", "private, no-cache"),
        // Whatever was uploaded must not act in this server's name where a browser shows it.
        ("Content-Security-Policy", "sandbox; default-src 'none'"),
        ("ETag", tag.as_str()),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    if asked.if_match.is_some_and(|tags| !range::names_tag(tags, &tag)) {
        return Ok(empty(412, headers));
    }
    if asked.if_none_match.is_some_and(|tags| range::names_tag(tags, &tag)) {
        return Ok(empty(304, headers));
    }
    let file = files.here(id).await?;
    let size = file.metadata().map_err(Error::internal)?.len();
    let is_same = asked.if_range.is_none_or(|one| one.trim() == tag);
    let (status, first, length) = match range::part(asked.range.filter(|_| is_same), size) {
        Part::Whole => (200, 0, size),
        Part::Piece { first, length } => (206, first, length),
        Part::Beyond => {
            headers.push(("Content-Range".to_owned(), format!("bytes */{size}")));
            return Ok(empty(416, headers));
        }
    };
    if status == 206 {
        let last = first + length - 1;
        headers.push(("Content-Range".to_owned(), format!("bytes {first}-{last}/{size}")));
    }
    headers.push(("Content-Type".to_owned(), version.media_type.clone()));
    headers.push(("Content-Disposition".to_owned(), name::disposition(&version.file_name)));
    let bytes = reading::piece(file, first, length).map(|piece| piece.map_err(Error::internal));
    Ok(Answer::Stream(
        Streamed::fallible(headers, bytes).status(status).sized(length),
    ))
}

fn empty(status: u16, headers: Vec<(String, String)>) -> Answer {
    Answer::Raw {
        status,
        headers,
        body: Vec::new(),
    }
}

fn gone() -> Error {
    Error::not_found("file")
}
