//! One function per operation.

use super::store;
use super::types::{FileFacts, ReplaceVersion, UploadVersion, VersionCheck, VersionView};
use crate::context::{Answer, Ctx};
use crate::domain::dialect::PageRequest;
use crate::domain::{Code, Error, Kind, Result};
use crate::files::reading;
use crate::files::spool::Spooled;
use crate::store::{Tx, uploads};
use entities::file::{self, State};
use entities::version::Model;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

/// Lists a product's versions, the newest first.
///
/// # Errors
/// `Malformed` for a cursor that is none of ours.
pub async fn list(ctx: &Ctx, product: Uuid, page: PageRequest) -> Result<Answer> {
    let (rows, info) = store::list(ctx.store(), ctx.room()?, product, &page).await?;
    let views: Vec<VersionView> = rows.iter().map(VersionView::from).collect();
    Answer::page("version", &views, info)
}

/// Adds a version with the file that came with it.
///
/// # Errors
/// `AlreadyExists` where the product has one of that name; `TooLarge` where the shop's quota has no room; `Validation`
/// for an empty file.
pub async fn create(ctx: &Ctx, product: Uuid, form: UploadVersion, spooled: Spooled) -> Result<Answer> {
    let room = ctx.room()?.clone();
    let (file, quota) = (take_in(ctx, &form.file, spooled).await?, quota(ctx));
    let row = Model {
        id: ctx.id(),
        tenant: room.tenant,
        mode: room.mode.into(),
        product,
        version: form.version,
        changelog: form.changelog,
        file: file.id,
        file_name: form.file.name,
        media_type: form.file.media_type,
        size_bytes: file.size_bytes,
        sha256: file.sha256.clone(),
        created_at: ctx.now.0,
        updated_at: ctx.now.0,
    };
    let id = file.id;
    let answer = ctx
        .command(async move |tx| {
            if store::is_taken(tx, row.product, &row.version).await? {
                let text = format!("This product has a version `{}` already.", row.version);
                return Err(Error::new(Code::AlreadyExists, text).with_text("version.exists"));
            }
            uploads::keep(tx, &file, quota).await?;
            store::insert(tx, &row).await?;
            Answer::created("version", &VersionView::from(&row))
        })
        .await;
    unless_failed(ctx, id, answer).await
}

/// Puts another file in the place of a version's.
///
/// # Errors
/// `NotFound`; else as [`create`].
pub async fn replace(ctx: &Ctx, (product, id): (Uuid, Uuid), form: ReplaceVersion, spooled: Spooled) -> Result<Answer> {
    let room = ctx.room()?.clone();
    let old = store::find(ctx.store().read(), &room, product, id)
        .await?
        .ok_or_else(missing)?;
    let (file, quota, now) = (take_in(ctx, &form.file, spooled).await?, quota(ctx), ctx.now);
    let new_file = file.id;
    let answer = ctx
        .command(async move |tx| {
            let mut row = store::find(tx, &room, product, id).await?.ok_or_else(missing)?;
            // First what goes, so that a quota that is full lets a file of the same size take its place.
            uploads::condemn(tx, row.file, now).await?;
            uploads::keep(tx, &file, quota).await?;
            row.changelog = form.changelog.clone().or(row.changelog);
            (row.file, row.file_name) = (file.id, form.file.name.clone());
            row.media_type.clone_from(&form.file.media_type);
            (row.size_bytes, row.sha256, row.updated_at) = (file.size_bytes, file.sha256.clone(), now.0);
            store::replace(tx, &row).await?;
            Answer::one("version", &VersionView::from(&row))
        })
        .await;
    let answer = unless_failed(ctx, new_file, answer).await?;
    discard(ctx, old.file).await;
    Ok(answer)
}

/// Deletes a version; buyers get the newest of those that are left.
///
/// # Errors
/// `NotFound`.
pub async fn delete(ctx: &Ctx, product: Uuid, id: Uuid) -> Result<Answer> {
    let (room, now) = (ctx.room()?.clone(), ctx.now);
    let old = store::find(ctx.store().read(), &room, product, id)
        .await?
        .ok_or_else(missing)?;
    let answer = ctx
        .command(async move |tx| {
            let row = store::find(tx, &room, product, id).await?.ok_or_else(missing)?;
            store::delete(tx, &room, id).await?;
            uploads::condemn(tx, row.file, now).await?;
            Answer::deleted("version", &VersionView::from(&row))
        })
        .await?;
    discard(ctx, old.file).await;
    Ok(answer)
}

/// Reads a version's bytes and compares them with the checksum they were uploaded with.
///
/// # Errors
/// `NotFound`; `Unavailable` where the bucket is.
pub async fn verify(ctx: &Ctx, product: Uuid, id: Uuid) -> Result<Answer> {
    let row = store::find(ctx.store().read(), ctx.room()?, product, id)
        .await?
        .ok_or_else(missing)?;
    let read = match ctx.house.files.read(row.file).await {
        Ok(bytes) => reading::digest(bytes).await.ok(),
        Err(error) if error.kind() == Kind::NotFound => None,
        Err(error) => return Err(error),
    };
    let (sha256, size_bytes) = read.unzip();
    let check = VersionCheck {
        id: row.id,
        is_intact: sha256.as_ref() == Some(&row.sha256),
        sha256,
        expected_sha256: row.sha256,
        size_bytes,
    };
    Answer::one("version_check", &check)
}

/// The versions of a product, the newest first, whoever asks.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn of_product(db: &impl ConnectionTrait, product: Uuid) -> Result<Vec<Model>> {
    store::of_product(db, product).await
}

/// The version whose file this is.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn of_file(db: &impl ConnectionTrait, file: Uuid) -> Result<Option<Model>> {
    store::of_file(db, file).await
}

/// Makes a file's bytes durable under a new id that nothing refers to yet.
async fn take_in(ctx: &Ctx, facts: &FileFacts, spooled: Spooled) -> Result<file::Model> {
    if spooled.size() == 0 {
        return Err(Error::field("file", "empty", "The file is empty"));
    }
    let room = ctx.room()?;
    let row = file::Model {
        id: ctx.id(),
        tenant: room.tenant,
        mode: room.mode.into(),
        state: State::Pending,
        size_bytes: facts.size_bytes,
        sha256: facts.sha256.clone(),
        created_at: ctx.now.0,
        updated_at: ctx.now.0,
    };
    let pending = row.clone();
    ctx.store()
        .command(async move |tx: &Tx| uploads::insert(tx, &pending).await)
        .await?;
    let kept = ctx.house.files.keep(row.id, &spooled).await;
    unless_failed(ctx, row.id, kept).await?;
    Ok(row)
}

/// The result; a failed one's file is removed.
async fn unless_failed<T>(ctx: &Ctx, file: Uuid, result: Result<T>) -> Result<T> {
    if result.is_err() {
        let now = ctx.now;
        let condemned = ctx
            .store()
            .command(async move |tx: &Tx| uploads::condemn(tx, file, now).await);
        if condemned.await.is_ok() {
            discard(ctx, file).await;
        }
    }
    result
}

/// Removes the bytes of a file that was given up; the sweep does it where this fails.
async fn discard(ctx: &Ctx, file: Uuid) {
    if let Err(error) = super::chores::remove(&ctx.house, file).await {
        tracing::warn!(file.id = %file, %error, "a file was not removed yet");
    }
}

fn quota(ctx: &Ctx) -> u64 {
    ctx.house.config.storage.tenant_quota_bytes
}

fn missing() -> Error {
    Error::not_found("version").with_text("version.not_found")
}
