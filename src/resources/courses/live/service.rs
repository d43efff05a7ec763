//! One function per operation; every command is one transaction with its events.

use super::store;
use super::types::{LiveSessionView, Record, RecordingView, Schedule};
use crate::context::{Answer, Ctx, Deed, Room};
use crate::domain::dialect::PageRequest;
use crate::domain::{Code, Error, Result};
use crate::resources::courses::service as courses;
use crate::store::Tx;
use entities::{live_session, recording};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

/// Lists the live sessions of a course, the latest first.
///
/// # Errors
/// `NotFound`, `Malformed` for a cursor that is none of ours.
pub async fn list(ctx: &Ctx, course: Uuid, page: &PageRequest) -> Result<Answer> {
    courses::exists(ctx, course).await?;
    let room = ctx.room()?;
    let (rows, info) = store::list(ctx.store(), room, course, page).await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let recordings = store::recordings(ctx.store().read(), room, &ids).await?;
    let view = |row: &live_session::Model| {
        let own = recordings.iter().filter(|recording| recording.live_session == row.id);
        LiveSessionView::of(row, &own.cloned().collect::<Vec<_>>())
    };
    Answer::page("live_session", &rows.iter().map(view).collect::<Vec<_>>(), info)
}

/// Schedules a live session.
///
/// # Errors
/// `NotFound` where there is no such course.
pub async fn schedule(ctx: &Ctx, course: Uuid, form: Schedule) -> Result<Answer> {
    courses::exists(ctx, course).await?;
    let deed = Deed::of(ctx)?;
    ctx.command(async move |tx| {
        let row = live_session::Model {
            id: deed.id(),
            tenant: deed.room.tenant,
            mode: deed.room.mode.into(),
            course,
            title: form.title.clone(),
            starts_at: form.starts_at.0,
            started_at: None,
            ended_at: None,
            created_at: deed.now.0,
            updated_at: deed.now.0,
        };
        store::insert(tx, &row).await?;
        Answer::created("live_session", &LiveSessionView::of(&row, &[]))
    })
    .await
}

/// Reads a live session with its recordings.
///
/// # Errors
/// `NotFound`.
pub async fn get(ctx: &Ctx, id: Uuid) -> Result<Answer> {
    let (db, room) = (ctx.store().read(), ctx.room()?);
    let row = find(db, room, id).await?;
    Answer::one("live_session", &view(db, room, &row).await?)
}

/// Says whether the session is there.
///
/// # Errors
/// `NotFound`.
pub async fn exists(ctx: &Ctx, id: Uuid) -> Result<()> {
    find(ctx.store().read(), ctx.room()?, id).await.map(|_| ())
}

/// Tells that a session began; the second time changes nothing.
///
/// # Errors
/// `NotFound`, `BusinessRule` for one that is over.
pub async fn start(ctx: &Ctx, id: Uuid) -> Result<Answer> {
    let deed = Deed::of(ctx)?;
    ctx.command(async move |tx| {
        let mut row = find(tx, &deed.room, id).await?;
        if row.ended_at.is_some() {
            return Err(Error::new(Code::BusinessRule, "This live session is over."));
        }
        let is_new = row.started_at.is_none();
        row.started_at = row.started_at.or(Some(deed.now.0));
        moved(tx, &deed, row, is_new.then_some("live_session.started")).await
    })
    .await
}

/// Tells that a session ended; the second time changes nothing.
///
/// # Errors
/// `NotFound`, `BusinessRule` for one that has not begun.
pub async fn end(ctx: &Ctx, id: Uuid) -> Result<Answer> {
    let deed = Deed::of(ctx)?;
    ctx.command(async move |tx| {
        let mut row = find(tx, &deed.room, id).await?;
        if row.started_at.is_none() {
            return Err(not_begun());
        }
        let is_new = row.ended_at.is_none();
        row.ended_at = row.ended_at.or(Some(deed.now.0));
        moved(tx, &deed, row, is_new.then_some("live_session.ended")).await
    })
    .await
}

/// Writes a session down that began or ended, and tells it; without a name it did neither.
async fn moved(tx: &Tx, deed: &Deed, mut row: live_session::Model, name: Option<&str>) -> Result<Answer> {
    if name.is_some() {
        row.updated_at = deed.now.0;
        store::replace(tx, &row).await?;
    }
    let view = view(tx, &deed.room, &row).await?;
    if let Some(name) = name {
        let products = store::product_of(tx, &deed.room, row.course).await?;
        tx.emit(deed.event(name, "live_session", &view, products)?);
    }
    Answer::one("live_session", &view)
}

/// Tells where a recording can be fetched; the same address a second time changes nothing.
///
/// # Errors
/// `NotFound`, `BusinessRule` for a session that has not begun: nothing of it can have been recorded.
pub async fn record(ctx: &Ctx, id: Uuid, form: Record) -> Result<Answer> {
    let deed = Deed::of(ctx)?;
    ctx.command(async move |tx| {
        let session = find(tx, &deed.room, id).await?;
        if session.started_at.is_none() {
            return Err(not_begun());
        }
        let known = store::recordings(tx, &deed.room, &[id]).await?;
        if let Some(row) = known.iter().find(|row| row.url == form.url) {
            return Answer::one("recording", &RecordingView::from(row));
        }
        let row = recording::Model {
            id: deed.id(),
            tenant: deed.room.tenant,
            mode: deed.room.mode.into(),
            live_session: id,
            course: session.course,
            title: form.title.clone().unwrap_or(session.title),
            url: form.url.clone(),
            duration_seconds: form.duration_seconds,
            ready_at: deed.now.0,
        };
        store::insert_recording(tx, &row).await?;
        let view = RecordingView::from(&row);
        let products = store::product_of(tx, &deed.room, row.course).await?;
        tx.emit(deed.event("recording.ready", "recording", &view, products)?);
        Answer::created("recording", &view)
    })
    .await
}

fn not_begun() -> Error {
    Error::new(Code::BusinessRule, "This live session has not begun.")
}

async fn find(db: &impl ConnectionTrait, room: &Room, id: Uuid) -> Result<live_session::Model> {
    let found = store::find(db, room, id).await?;
    found.ok_or_else(|| Error::not_found("live session").with_text("live_session.not_found"))
}

async fn view(db: &impl ConnectionTrait, room: &Room, row: &live_session::Model) -> Result<LiveSessionView> {
    let recordings = store::recordings(db, room, &[row.id]).await?;
    Ok(LiveSessionView::of(row, &recordings))
}
