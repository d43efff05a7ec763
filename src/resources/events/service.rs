//! One function per operation.

use super::store;
use super::stream::{self, Reader};
use super::types::{Follow, KindView, ListKinds};
use crate::context::{Answer, Ctx, Streamed};
use crate::domain::catalogue::Catalogue;
use crate::domain::dialect::PageInfo;
use crate::domain::{Error, Result};
use uuid::Uuid;

/// Lists every kind of event; one that the caller's dialect does not carry is shown in native words. Where a dialect is
/// named, those that it carries.
///
/// # Errors
/// `Validation` for a dialect there is none of.
pub fn kinds(ctx: &Ctx, wanted: &ListKinds) -> Result<Answer> {
    let dialects = &ctx.house.dialects;
    let spoken = match wanted.dialect.as_deref() {
        None => &ctx.dialect,
        Some(name) => dialects
            .get(name)
            .ok_or_else(|| Error::field("dialect", "unknown", format!("There is no dialect `{name}`.")))?,
    };
    let views: Vec<KindView> = Catalogue::built_in()
        .kinds()
        .iter()
        .filter(|kind| wanted.dialect.is_none() || spoken.event_name(&kind.name).is_some())
        .map(|kind| {
            let dialect = if spoken.event_name(&kind.name).is_some() {
                spoken
            } else {
                dialects.native()
            };
            KindView {
                name: dialect.event_name(&kind.name).unwrap_or_else(|| kind.name.clone()),
                description: kind.about.clone(),
                dialects: kind.dialects(dialects),
                schema: kind.schema(dialect),
                example: kind.example(dialect),
            }
        })
        .collect();
    let count = views.len();
    let info = PageInfo {
        limit: u32::try_from(count).unwrap_or(u32::MAX),
        total: Some(count as u64),
        ..PageInfo::default()
    };
    Answer::page("event_type", &views, info)
}

/// Opens a stream of the room's events, bodies as the dialect sends them.
///
/// # Errors
/// `Validation` for an event id that is none of the room's; `LimitReached` where the tenant has its streams open.
pub async fn stream(ctx: &Ctx, follow: Follow) -> Result<Answer> {
    let room = ctx.room()?.clone();
    let db = ctx.store().read();
    let after = match follow.last_event_id.as_deref().filter(|text| !text.is_empty()) {
        None => store::last_sequence(db, &room).await?,
        Some(text) => store::sequence_of(db, &room, event_id(text)?).await?.ok_or_else(foreign)?,
    };
    let names = follow
        .events
        .filter(|names| !names.is_empty() && !names.iter().any(|name| name == "*"));
    let listener = ctx.house.actors.feed().listen(room.tenant)?;
    let headers = vec![
        ("Content-Type".to_owned(), "text/event-stream".to_owned()),
        ("X-Fondaco-Dialect".to_owned(), ctx.dialect.name.clone()),
        // A proxy that gathers the answer first would make the stream useless.
        ("X-Accel-Buffering".to_owned(), "no".to_owned()),
    ];
    let reader = Reader::new(ctx, room, names, after, listener);
    Ok(Answer::Stream(Streamed::new(headers, stream::of(reader))))
}

/// The id in any dialect's spelling: whatever stands before it, the last part is 32 hex digits or a UUID.
fn event_id(text: &str) -> Result<Uuid> {
    let id = text.rsplit('_').next().unwrap_or(text);
    Uuid::try_parse(id).map_err(|_| foreign())
}

fn foreign() -> Error {
    Error::field("last_event_id", "unknown", "last_event_id names no event of this tenant")
}
