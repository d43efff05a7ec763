//! Forms with a file in them: the fields are kept as JSON, the file flows to disk as it comes.
//!
//! What is read here looks to the rest like any other body: the fields, and what is known of the file, are the JSON that
//! forms, bounds and `Idempotency-Key` see. Nothing is read before it is known who sends it, and no more than he may store.

use super::admit::Entry;
use crate::context::{House, Room};
use crate::domain::files::name;
use crate::domain::{Code, Error, Result};
use crate::files::spool::{Incoming, Spooled};
use crate::store::uploads;
use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::HttpRequest;
use actix_web::web::Payload;
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// What a form may be longer than its file.
const REST_MAX: u64 = 1024 * 1024;
/// Longest field.
const FIELD_MAX: usize = 128 * 1024;
/// Most fields.
const FIELDS_MAX: usize = 50;
/// How long a sender may pause.
const SILENCE: Duration = Duration::from_secs(30);
/// How much of a form that is refused is let pass by, so that its sender reads the refusal instead of a broken connection.
const PASSED_MAX: u64 = 64 * 1024 * 1024;
/// How long that may take.
const PASSED_FOR: Duration = Duration::from_secs(20);

/// A form that was read.
#[derive(Default)]
pub struct Form {
    /// Its fields, and what is known of its file, as a JSON object.
    pub fields: Bytes,
    /// The file, whole and flushed.
    pub file: Option<Spooled>,
    /// Why there is neither, where the body is no such form; told once it is known that the thing is there at all.
    pub unread: Option<Error>,
}

/// Refuses what says beforehand that it is larger than any upload may be.
///
/// # Errors
/// `TooLarge`.
pub async fn bounded(house: &House, mut payload: Payload, declared: Option<usize>) -> Result<Payload> {
    let most = house.config.storage.upload_max_bytes;
    let is_larger = |length: usize| u64::try_from(length).map_or(true, |length| length > most.saturating_add(REST_MAX));
    if declared.is_some_and(is_larger) {
        let_pass(&mut payload).await;
        return Err(too_large(most));
    }
    Ok(payload)
}

/// Lets a bounded part of a body that nobody will read pass by.
pub async fn let_pass(payload: &mut Payload) {
    pass(payload).await;
}

async fn pass<T, E>(bytes: &mut (impl Stream<Item = Result<T, E>> + Unpin))
where
    T: AsRef<[u8]>,
{
    let passing = async {
        let mut passed = 0;
        while let Some(Ok(piece)) = bytes.next().await {
            passed += piece.as_ref().len() as u64;
            if passed > PASSED_MAX {
                return;
            }
        }
    };
    // Whoever takes longer is cut off.
    let _ = tokio::time::timeout(PASSED_FOR, passing).await;
}

/// Reads the form.
///
/// # Errors
/// `Malformed` for a broken one, `TooLarge` for more than may be stored.
pub async fn read(house: &House, entry: &Entry, request: &HttpRequest, mut payload: Payload) -> Result<Form> {
    let kind = request.headers().get("content-type").and_then(|value| value.to_str().ok());
    if !kind.is_some_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with("multipart/form-data")) {
        let_pass(&mut payload).await;
        let text = "Send multipart/form-data with a part named file.";
        return Ok(Form {
            unread: Some(Error::new(Code::UnsupportedMediaType, text)),
            ..Form::default()
        });
    }
    let room = room_left(house, entry.room.as_ref()).await?;
    let mut parts = Multipart::new(request.headers(), payload);
    let (mut fields, mut file) = (Map::new(), None);
    while let Some(part) = within(parts.next()).await? {
        let mut part = part.map_err(broken)?;
        let name = part.name().unwrap_or_default().to_owned();
        if name == "file" && file.is_none() {
            let (known, spooled) = spool(house, &mut part, &room).await?;
            fields.insert(name, known);
            file = Some(spooled);
            continue;
        }
        let is_surplus = fields.len() >= FIELDS_MAX || fields.contains_key(&name);
        if is_surplus || part.content_disposition().is_some_and(|kind| kind.get_filename().is_some()) {
            return Err(Error::malformed(format!("The part `{name}` is one too many.")));
        }
        fields.insert(name, Value::String(text(&mut part).await?));
    }
    Ok(Form {
        fields: Value::Object(fields).to_string().into(),
        file,
        unread: None,
    })
}

/// How much a caller may send.
struct Bound {
    upload_max: u64,
    quota_left: u64,
}

async fn room_left(house: &House, room: Option<&Room>) -> Result<Bound> {
    let storage = &house.config.storage;
    let used = match room {
        Some(room) => uploads::bytes_of(house.store.read(), room.tenant).await?,
        None => 0,
    };
    Ok(Bound {
        upload_max: storage.upload_max_bytes,
        quota_left: storage.tenant_quota_bytes.saturating_sub(used),
    })
}

/// Has a file flow to disk; answers what is known of it.
async fn spool(house: &House, part: &mut Field, bound: &Bound) -> Result<(Value, Spooled)> {
    let given = part
        .content_disposition()
        .and_then(|kind| kind.get_filename())
        .unwrap_or("file");
    let shown = name::shown(given);
    let media_type = name::media_type(part.content_type().map(|kind| kind.essence_str()));
    let mut incoming = house.files.spool().begin(house.ids.uuid(house.clock.now())).await?;
    if let Err(error) = fill(part, &mut incoming, bound).await {
        pass(part).await;
        return Err(error);
    }
    let spooled = incoming.finish().await?;
    let known = json!({
        "name": shown,
        "media_type": media_type,
        "size_bytes": spooled.size(),
        "sha256": spooled.sha256(),
    });
    Ok((known, spooled))
}

async fn fill(part: &mut Field, incoming: &mut Incoming, bound: &Bound) -> Result<()> {
    while let Some(piece) = within(part.next()).await? {
        let piece = piece.map_err(broken)?;
        let size = incoming.size() + piece.len() as u64;
        if size > bound.upload_max {
            return Err(too_large(bound.upload_max));
        }
        if size > bound.quota_left {
            return Err(uploads::quota_used_up());
        }
        incoming.write(&piece).await?;
    }
    Ok(())
}

async fn text(part: &mut Field) -> Result<String> {
    let bytes = within(part.bytes(FIELD_MAX)).await?;
    let bytes = bytes.map_err(|_| Error::new(Code::TooLarge, "A field is larger than 128 KiB."))?;
    let bytes = bytes.map_err(broken)?;
    String::from_utf8(bytes.to_vec()).map_err(|_| Error::malformed("A field is not UTF-8."))
}

async fn within<T>(coming: impl Future<Output = T>) -> Result<T> {
    tokio::time::timeout(SILENCE, coming)
        .await
        .map_err(|_| Error::malformed("The body did not arrive in time."))
}

fn broken(error: MultipartError) -> Error {
    Error::malformed(format!("The form cannot be read: {error}"))
}

fn too_large(most: u64) -> Error {
    Error::new(Code::TooLarge, format!("The file is larger than {most} bytes."))
}
