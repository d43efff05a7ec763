//! One function per operation.

use super::fields::{apply, check_url};
use super::store;
use super::types::{CreateEndpoint, EndpointView, ListEndpoints, UpdateEndpoint};
use crate::context::{Answer, Ctx, House, Principal, Room};
use crate::domain::dialect::PageRequest;
use crate::domain::secret::WebhookSecret;
use crate::domain::{Code, Error, Result, Scope};
use crate::store::{AuditEntry, Tx};
use entities::delivery::Status;
use entities::endpoint::{Model, ProductFilter};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Lists the room's endpoints.
///
/// # Errors
/// `Malformed` for a bad cursor or status.
pub async fn list(ctx: &Ctx, filter: ListEndpoints, page: PageRequest) -> Result<Answer> {
    let active = match filter.status.as_deref() {
        Some("active") => Some(true),
        Some("inactive") => Some(false),
        _ => None,
    };
    let (rows, info) = store::list(ctx.store(), ctx.room()?, active, &page).await?;
    let views: Vec<EndpointView> = rows.iter().map(|row| view(ctx, row)).collect();
    Answer::page("webhook", &views, info)
}

/// Creates an endpoint.
///
/// # Errors
/// `Validation` for a URL that may not be sent to or unknown events; `LimitReached`.
pub async fn create(ctx: &Ctx, form: CreateEndpoint) -> Result<Answer> {
    let room = ctx.room()?.clone();
    check_url(ctx, &form.url).await?;
    let events = events_of(ctx, form.events.as_deref())?;
    let secret = WebhookSecret::mint(ctx.dialect.webhooks.secret, ctx.house.ids.bytes());
    let id = ctx.id();
    let sealed = seal(&ctx.house, secret.expose().as_bytes(), &secret_context(id))?;
    let mut row = blank(ctx, &room, id, sealed);
    (row.url, row.events) = (form.url, events.into());
    apply(ctx, &mut row, &form.rest, true)?;
    let most = ctx.dialect.webhooks.endpoints_max;
    let names = form
        .rest
        .custom_headers
        .flatten()
        .unwrap_or_default()
        .into_keys()
        .collect::<Vec<_>>();
    let (entry, shown) = (
        entry(ctx, &room, "webhook.created", id, json!({"url": row.url})),
        secret.expose().to_owned(),
    );
    ctx.command(async move |tx| {
        if store::count(tx, &room).await? >= u64::from(most) {
            return Err(
                Error::new(Code::LimitReached, format!("There can be {most} webhook endpoints."))
                    .with_details(json!({"max": most, "current": most})),
            );
        }
        check_products(tx, &room, &row).await?;
        store::insert(tx, &row).await?;
        tx.audit(entry.clone());
        Answer::created("webhook", &EndpointView::new(&row, names.clone(), Some(shown.clone())))
    })
    .await
}

/// An endpoint of the caller's dialect that sends nothing anywhere yet.
fn blank(ctx: &Ctx, room: &Room, id: Uuid, secret_sealed: String) -> Model {
    Model {
        id,
        tenant: room.tenant,
        mode: room.mode.into(),
        dialect: ctx.dialect.name.clone(),
        url: String::new(),
        description: None,
        events: Vec::new().into(),
        secret_sealed,
        previous_secret_sealed: None,
        previous_until_at: None,
        older_secrets_sealed: None,
        is_active: true,
        product_filter: ProductFilter::All,
        product_ids: Vec::new().into(),
        custom_headers_sealed: None,
        custom_fields: None,
        field_selection: None,
        failing_since_at: None,
        failures: 0,
        failure_days: 0,
        last_failure_day: None,
        warned_at: None,
        disabled_at: None,
        disabled_reason: None,
        created_at: ctx.now.0,
        updated_at: ctx.now.0,
        deleted_at: None,
    }
}

/// Reads an endpoint.
///
/// # Errors
/// `NotFound`.
pub async fn get(ctx: &Ctx, id: Uuid) -> Result<Answer> {
    let (db, room) = (ctx.store().read(), ctx.room()?);
    let row = store::find(db, room, id).await?.ok_or_else(missing)?;
    let mut view = view(ctx, &row);
    view.held_deliveries = Some(store::held(db, room, id).await?);
    Answer::one("webhook", &view)
}

/// Says whether the endpoint is there.
///
/// # Errors
/// `NotFound`.
pub async fn exists(ctx: &Ctx, id: Uuid) -> Result<()> {
    store::find(ctx.store().read(), ctx.room()?, id)
        .await?
        .map(|_| ())
        .ok_or_else(missing)
}

/// Changes an endpoint. Switching it off takes what waits for it out of the queue; switching it on again forgets its
/// failures, and the answer says how many deliveries were held meanwhile and can be replayed.
///
/// # Errors
/// `NotFound`, `Validation`.
pub async fn update(ctx: &Ctx, id: Uuid, change: UpdateEndpoint) -> Result<Answer> {
    let room = ctx.room()?.clone();
    if let Some(url) = &change.url {
        check_url(ctx, url).await?;
    }
    let events = change
        .events
        .as_deref()
        .map(|events| events_of(ctx, Some(events)))
        .transpose()?;
    let (call, now) = (ctx.clone(), ctx.now);
    let entry = entry(
        ctx,
        &room,
        "webhook.updated",
        id,
        json!({"url": change.url, "is_active": change.rest.is_active}),
    );
    ctx.command(async move |tx| {
        let mut row = store::find(tx, &room, id).await?.ok_or_else(missing)?;
        let was_active = row.is_active;
        row.url = change.url.clone().unwrap_or(row.url);
        if let Some(events) = &events {
            row.events = events.clone().into();
        }
        apply(&call, &mut row, &change.rest, false)?;
        check_products(tx, &room, &row).await?;
        row.updated_at = now.0;
        store::replace(tx, &row).await?;
        if was_active && !row.is_active {
            store::take_out_waiting(tx, &room, id, when_off(&call, &row), now).await?;
        }
        tx.audit(entry.clone());
        let mut view = view(&call, &row);
        view.held_deliveries = Some(store::held(tx, &room, id).await?);
        Answer::one("webhook", &view)
    })
    .await
}

/// Deletes an endpoint; what waits for it is given up.
///
/// # Errors
/// `NotFound`.
pub async fn delete(ctx: &Ctx, id: Uuid) -> Result<Answer> {
    let room = ctx.room()?.clone();
    let (call, now) = (ctx.clone(), ctx.now);
    let entry = entry(ctx, &room, "webhook.deleted", id, json!({}));
    ctx.command(async move |tx| {
        let mut row = store::find(tx, &room, id).await?.ok_or_else(missing)?;
        row.deleted_at = Some(now.0);
        row.is_active = false;
        store::replace(tx, &row).await?;
        store::take_out_waiting(tx, &room, id, Status::PermanentlyFailed, now).await?;
        tx.audit(entry.clone());
        Answer::deleted("webhook", &view(&call, &row))
    })
    .await
}

/// What becomes of deliveries that wait for an endpoint when it is switched off.
fn when_off(ctx: &Ctx, row: &Model) -> Status {
    let dialect = ctx.house.dialects.get(&row.dialect).unwrap_or(&ctx.dialect);
    match dialect.webhooks.gives_up_when_off {
        true => Status::PermanentlyFailed,
        false => Status::Held,
    }
}

async fn check_products(tx: &Tx, room: &Room, row: &Model) -> Result<()> {
    if row.product_ids.is_empty() || store::products_known(tx, room, &row.product_ids).await? {
        return Ok(());
    }
    Err(Error::field(
        "product_ids",
        "unknown",
        "product_ids names a product that is not there",
    ))
}

fn events_of(ctx: &Ctx, names: Option<&[String]>) -> Result<Vec<String>> {
    ctx.dialect.subscribe(names)
}

fn view(ctx: &Ctx, row: &Model) -> EndpointView {
    let may_see = match &ctx.principal {
        Principal::Key(key) => key.scopes.contains(Scope::WebhooksWrite) && ctx.dialect.webhooks.secret_readable,
        Principal::Person(_) => ctx.dialect.webhooks.secret_readable,
        _ => false,
    };
    let open = |sealed: &str, context: &str| ctx.house.sealer.open_text(sealed, context).map(|text| text.to_string());
    let secret = if may_see {
        open(&row.secret_sealed, &secret_context(row.id))
    } else {
        None
    };
    let headers = row
        .custom_headers_sealed
        .as_deref()
        .and_then(|sealed| open(sealed, &headers_context(row.id)));
    let names = headers.and_then(|text| serde_json::from_str::<BTreeMap<String, String>>(&text).ok());
    EndpointView::new(row, names.unwrap_or_default().into_keys().collect(), secret)
}

/// What an endpoint's secret is sealed for.
pub fn secret_context(id: Uuid) -> String {
    id.to_string()
}

/// What an endpoint's headers are sealed for.
pub fn headers_context(id: Uuid) -> String {
    id.to_string()
}

fn seal(house: &House, plain: &[u8], context: &str) -> Result<String> {
    house.sealer.seal(plain, house.ids.bytes(), context).map_err(Error::internal)
}

pub(super) fn entry(ctx: &Ctx, room: &Room, action: &str, target: Uuid, detail: Value) -> AuditEntry {
    AuditEntry {
        id: ctx.id(),
        tenant: room.tenant,
        actor: ctx.principal.name().unwrap_or_default(),
        action: action.to_owned(),
        target: target.to_string(),
        detail,
        happened_at: ctx.now,
    }
}

pub(super) fn missing() -> Error {
    Error::not_found("webhook endpoint").with_text("webhook.not_found")
}
