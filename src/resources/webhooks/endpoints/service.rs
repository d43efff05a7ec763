//! One function per operation.

use super::store;
use super::types::{CreateEndpoint, EndpointFields, EndpointView, ListEndpoints, UpdateEndpoint};
use crate::context::{Answer, Ctx, House, Principal, Room};
use crate::domain::dialect::PageRequest;
use crate::domain::secret::WebhookSecret;
use crate::domain::{Code, Error, Result, Scope};
use crate::store::{AuditEntry, Tx};
use entities::endpoint::{Model, ProductFilter};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Products an endpoint can be narrowed to.
const PRODUCTS_MAX: usize = 50;
/// Headers an endpoint can add, and how long name and value may be together.
const HEADERS_MAX: (usize, usize) = (20, 2_048);

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
    check_url(ctx, &form.url)?;
    let events = events_of(ctx, form.events.as_deref())?;
    let secret = WebhookSecret::mint(ctx.dialect.webhooks.secret, ctx.house.ids.bytes());
    let id = ctx.id();
    let mut row = Model {
        id,
        tenant: room.tenant,
        mode: room.mode.into(),
        dialect: ctx.dialect.name.clone(),
        url: form.url,
        description: None,
        events: events.into(),
        secret_sealed: seal(&ctx.house, secret.expose().as_bytes(), &secret_context(id))?,
        previous_secret_sealed: None,
        previous_until_at: None,
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
    };
    apply(ctx, &mut row, &form.rest)?;
    let most = ctx.dialect.webhooks.endpoints_max;
    let names = form.rest.custom_headers.unwrap_or_default().into_keys().collect::<Vec<_>>();
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

/// Reads an endpoint.
///
/// # Errors
/// `NotFound`.
pub async fn get(ctx: &Ctx, id: Uuid) -> Result<Answer> {
    let row = store::find(ctx.store().read(), ctx.room()?, id).await?.ok_or_else(missing)?;
    Answer::one("webhook", &view(ctx, &row))
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

/// Changes an endpoint; switching it on again forgets its failures.
///
/// # Errors
/// `NotFound`, `Validation`.
pub async fn update(ctx: &Ctx, id: Uuid, change: UpdateEndpoint) -> Result<Answer> {
    let room = ctx.room()?.clone();
    if let Some(url) = &change.url {
        check_url(ctx, url)?;
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
        row.url = change.url.clone().unwrap_or(row.url);
        if let Some(events) = &events {
            row.events = events.clone().into();
        }
        apply(&call, &mut row, &change.rest)?;
        check_products(tx, &room, &row).await?;
        row.updated_at = now.0;
        store::replace(tx, &row).await?;
        tx.audit(entry.clone());
        Answer::one("webhook", &view(&call, &row))
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
        tx.audit(entry.clone());
        Answer::deleted("webhook", &view(&call, &row))
    })
    .await
}

/// Lays the shared members over a row.
fn apply(ctx: &Ctx, row: &mut Model, fields: &EndpointFields) -> Result<()> {
    if let Some(description) = &fields.description {
        row.description.clone_from(description);
    }
    if let Some(active) = fields.is_active {
        if active && !row.is_active {
            (row.failing_since_at, row.failures, row.failure_days, row.last_failure_day) = (None, 0, 0, None);
            (row.warned_at, row.disabled_at, row.disabled_reason) = (None, None, None);
        }
        row.is_active = active;
    }
    apply_products(row, fields)?;
    if let Some(headers) = &fields.custom_headers {
        row.custom_headers_sealed = seal_headers(&ctx.house, row.id, headers)?;
    }
    if let Some(custom) = &fields.custom_payload_fields {
        let reserved = custom
            .iter()
            .flat_map(|map| map.keys())
            .find(|name| ctx.dialect.reserved_fields().contains(name));
        if let Some(name) = reserved {
            let text = format!("`{name}` is a member of every body and cannot be replaced.");
            return Err(Error::field("custom_payload_fields", "reserved", text));
        }
        row.custom_fields = custom.clone().map(|map| Value::Object(map).into());
    }
    if let Some(selection) = &fields.payload_field_selection {
        row.field_selection = selection.clone().map(|names| json!(names).into());
    }
    Ok(())
}

fn apply_products(row: &mut Model, fields: &EndpointFields) -> Result<()> {
    let selected = fields.product_filter_mode.as_deref() == Some("selected");
    match (fields.product_filter_mode.as_deref(), &fields.product_ids) {
        (None, None) => {}
        (None, Some(ids)) if ids.is_empty() => {}
        (None, Some(_)) => {
            return Err(Error::field(
                "product_filter_mode",
                "required",
                "product_filter_mode must come with product_ids",
            ));
        }
        (Some(_), ids) => {
            row.product_filter = if selected {
                ProductFilter::Selected
            } else {
                ProductFilter::All
            };
            row.product_ids = ids.clone().unwrap_or_default().into();
            if selected && (row.product_ids.is_empty() || row.product_ids.len() > PRODUCTS_MAX) {
                return Err(Error::field("product_ids", "count", "product_ids takes 1 to 50 products"));
            }
        }
    }
    Ok(())
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

fn check_url(ctx: &Ctx, url: &str) -> Result<()> {
    match ctx.house.egress.check(url) {
        Ok(_) => Ok(()),
        Err(reason) => Err(Error::field("url", "url", format!("url cannot be used: {reason}"))),
    }
}

fn events_of(ctx: &Ctx, names: Option<&[String]>) -> Result<Vec<String>> {
    ctx.dialect.subscribe(names)
}

fn seal_headers(house: &House, id: Uuid, headers: &BTreeMap<String, String>) -> Result<Option<String>> {
    if headers.is_empty() {
        return Ok(None);
    }
    let long = headers.iter().any(|(name, value)| name.len() + value.len() > HEADERS_MAX.1);
    if headers.len() > HEADERS_MAX.0 || long {
        return Err(Error::field(
            "custom_headers",
            "count",
            "custom_headers takes 20 headers of 2048 characters",
        ));
    }
    if let Some(name) = headers
        .iter()
        .find_map(|(name, value)| (!sendable(name, value)).then_some(name))
    {
        return Err(Error::field(
            "custom_headers",
            "header",
            format!("`{name}` cannot be sent as a header"),
        ));
    }
    let text = serde_json::to_vec(headers).map_err(Error::internal)?;
    seal(house, &text, &headers_context(id)).map(Some)
}

/// Whether a user may add the header: well formed, and none that steers the connection (RFC 9110 §7.6.1).
fn sendable(name: &str, value: &str) -> bool {
    const OURS: &[&str] = &[
        "host",
        "connection",
        "content-length",
        "transfer-encoding",
        "te",
        "trailer",
        "upgrade",
        "keep-alive",
        "expect",
    ];
    let lower = name.to_ascii_lowercase();
    let token = !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b));
    let text = value.bytes().all(|b| b == b'\t' || (b' '..=b'~').contains(&b));
    token && text && !lower.starts_with("proxy-") && !OURS.contains(&lower.as_str())
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

fn entry(ctx: &Ctx, room: &Room, action: &str, target: Uuid, detail: Value) -> AuditEntry {
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

fn missing() -> Error {
    Error::not_found("webhook endpoint").with_text("webhook.not_found")
}
