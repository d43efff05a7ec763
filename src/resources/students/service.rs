//! One function per operation; every command is one transaction with its events.

use super::store;
use super::types::{CreateStudent, ListStudents, UpdateStudent};
use crate::context::{Answer, Ctx, Deed, Room};
use crate::domain::dialect::PageRequest;
use crate::domain::{Error, Result};
use crate::resources::access;
use crate::resources::courses::enrollments::service as enrollments;
use crate::resources::courses::enrollments::types::StudentView;
use crate::resources::customers::service as customers;
use crate::resources::customers::types::Who;
use crate::resources::products::rules::merge_attributes;
use crate::store::counters::CounterKey;
use entities::access::EndReason;
use entities::customer::Model;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

/// Lists students with progress and enrolments, the newest first.
///
/// # Errors
/// `Malformed` for a cursor that is none of ours.
pub async fn list(ctx: &Ctx, filter: &ListStudents, page: &PageRequest) -> Result<Answer> {
    let room = ctx.room()?;
    let (rows, info) = store::list(ctx.store(), room, filter, page).await?;
    let views = enrollments::students(ctx.store().read(), room, &ctx.house.public_url, rows).await?;
    Answer::page("student", &views, info)
}

/// Creates a student; where the address is known the student there is is answered, unchanged.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn create(ctx: &Ctx, form: CreateStudent) -> Result<Answer> {
    let deed = Deed::of(ctx)?;
    ctx.command(async move |tx| {
        let (room, url) = (&deed.room, &deed.public_url);
        if let Some(row) = customers::find_by_email(tx, room, &form.email).await? {
            return Answer::one("student", &view(tx, room, url, row).await?);
        }
        let who = Who {
            email: form.email.clone(),
            name: form.name.clone(),
            ..Who::default()
        };
        let kept = form.attributes.clone().into_iter().filter(|(_, value)| !value.is_null());
        let (row, _) = customers::find_or_make_with(tx, &deed, &who, &kept.collect()).await?;
        Answer::created("student", &StudentView::of(&row, Vec::new()))
    })
    .await
}

/// Reads a student.
///
/// # Errors
/// `NotFound`.
pub async fn get(ctx: &Ctx, id: Uuid) -> Result<Answer> {
    let (db, room) = (ctx.store().read(), ctx.room()?);
    let row = find(db, room, id).await?;
    Answer::one("student", &view(db, room, &ctx.house.public_url, row).await?)
}

/// Says whether the student is there.
///
/// # Errors
/// `NotFound`.
pub async fn exists(ctx: &Ctx, id: Uuid) -> Result<()> {
    find(ctx.store().read(), ctx.room()?, id).await.map(|_| ())
}

/// Changes a student; what is not named stays.
///
/// # Errors
/// `NotFound`, `AlreadyExists` where the address is another's.
pub async fn update(ctx: &Ctx, id: Uuid, change: UpdateStudent) -> Result<Answer> {
    let deed = Deed::of(ctx)?;
    ctx.command(async move |tx| {
        let old = find(tx, &deed.room, id).await?;
        let mut row = old.clone();
        row.email = change.email.clone().unwrap_or(row.email);
        row.name = change.name.clone().unwrap_or(row.name);
        row.attributes = merge_attributes(&old.attributes, &change.attributes).into();
        if row != old {
            row.updated_at = deed.now.0;
            store::refuse_taken(tx, &deed.room, &row).await?;
            store::replace(tx, &row).await?;
            enrollments::tell_student(tx, &deed, "student.updated", &row).await?;
        }
        Answer::one("student", &view(tx, &deed.room, &deed.public_url, row).await?)
    })
    .await
}

/// Deletes a student: everything he may use ends first, so that every seat and licence tells of its end.
///
/// # Errors
/// `NotFound`.
pub async fn delete(ctx: &Ctx, id: Uuid) -> Result<Answer> {
    let deed = Deed::of(ctx)?;
    ctx.command(async move |tx| {
        let room = &deed.room;
        let mut row = find(tx, room, id).await?;
        for held in store::accesses(tx, room, id).await? {
            access::service::end(tx, &deed, held, EndReason::Revoked).await?;
        }
        row.deleted_at = Some(deed.now.0);
        row.updated_at = deed.now.0;
        store::replace(tx, &row).await?;
        tx.count(CounterKey::new(room.tenant, room.mode, customers::COUNTER), -1);
        enrollments::tell_student(tx, &deed, "student.deleted", &row).await?;
        Answer::deleted("student", &view(tx, room, &deed.public_url, row).await?)
    })
    .await
}

/// The row of a student.
///
/// # Errors
/// `NotFound`.
pub(super) async fn find(db: &impl ConnectionTrait, room: &Room, id: Uuid) -> Result<Model> {
    customers::find(db, room, id).await?.ok_or_else(missing)
}

async fn view(db: &impl ConnectionTrait, room: &Room, public_url: &str, row: Model) -> Result<StudentView> {
    let mut views = enrollments::students(db, room, public_url, vec![row]).await?;
    views.pop().ok_or_else(missing)
}

pub(super) fn missing() -> Error {
    Error::not_found("student").with_text("student.not_found")
}
