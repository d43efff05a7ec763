//! One function per operation, and what happens when a product goes on sale.

use super::store::{self, Entries};
use super::types::{self, EntryView, ListEntries, Signup};
use crate::context::{Answer, Ctx, Room, Streamed};
use crate::domain::dialect::PageRequest;
use crate::domain::{Code, Error, Event, Result, Timestamp, csv};
use crate::resources::captcha::service as captcha;
use crate::store::Tx;
use bytes::Bytes;
use entities::product;
use entities::waitlist_entry::Model;
use futures_util::stream;
use serde_json::{Value, json};
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;
use uuid::Uuid;

/// Sign-ups one address of the network may make in [`WINDOW`].
const SIGNUPS_MAX: usize = 5;
/// The time they are counted over.
const WINDOW: Duration = Duration::from_secs(5 * 3600);
/// Rows read at a time for an export.
const EXPORT_ROWS: u32 = 500;

/// Puts an address on a product's waiting list; who is on it already is told the same.
///
/// # Errors
/// `Validation` where there is no address, the product keeps no list, or its address is another one; `NotFound`;
/// `RateLimited` beyond five sign-ups in five hours from one address of the network.
pub async fn signup(ctx: &Ctx, form: Signup) -> Result<Answer> {
    let signed = ctx.person().ok();
    let Some(email) = form.email.clone().or_else(|| signed.map(|person| person.email.clone())) else {
        return Err(Error::field("email", "required", "Email is required"));
    };
    let (product, room) = store::wanted(ctx.store().read(), form.product_id)
        .await?
        .ok_or_else(missing)?;
    if form.product_slug.as_ref().is_some_and(|slug| *slug != product.slug) {
        return Err(Error::field("product_slug", "mismatch", "Product slug is not the product's"));
    }
    if product.attributes.get("enable_waitlist") != Some(&Value::Bool(true)) {
        return Err(Error::new(Code::Validation, "This product keeps no waiting list."));
    }
    // The session's own address is proof enough.
    if signed.is_none_or(|person| !person.email.eq_ignore_ascii_case(&email)) {
        captcha::check(ctx, room.tenant, form.captcha_token.as_deref()).await?;
    }
    // An address that somebody else typed says nothing of who is signed in.
    let person = signed.filter(|person| person.email == email).map(|person| person.person);
    let row = Model {
        id: ctx.id(),
        tenant: room.tenant,
        mode: room.mode.into(),
        product: product.id,
        email,
        person,
        created_at: ctx.now.0,
        notified_at: None,
    };
    let (address, attempt, now) = (widened(ctx.address), ctx.id(), ctx.now);
    let event = event(ctx.id(), &room, &row, &product, now)?;
    let joined = async move |tx: &Tx| {
        let waits = store::attempts_since(tx, &address, now - WINDOW).await?;
        if let (Some(oldest), true) = (waits.first(), waits.len() >= SIGNUPS_MAX) {
            return Err(too_many(Timestamp(*oldest) + WINDOW, now));
        }
        store::note_attempt(tx, attempt, &address, now, now - WINDOW).await?;
        if store::is_waiting(tx, row.product, &row.email).await? {
            return Ok(());
        }
        store::insert(tx, &row).await?;
        tx.emit(event.clone());
        Ok(())
    };
    ctx.store().command(joined).await?;
    let told = json!({ "success": true, "message": "You are on the list. We will write when it is there." });
    Ok(Answer::raw(200, "application/json", told.to_string()))
}

/// The address as wide as its owner: whoever has one IPv6 address has its /64.
fn widened(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64)).to_string(),
        IpAddr::V4(v4) => v4.to_string(),
    }
}

fn too_many(again_at: Timestamp, now: Timestamp) -> Error {
    let mut error = Error::new(Code::RateLimited, "Too many sign-ups from this address; try again later.");
    error.retry_after_s = Some(again_at.seconds_from(now).max(1));
    error
}

fn event(id: Uuid, room: &Room, row: &Model, product: &product::Model, now: Timestamp) -> Result<Event> {
    let brief = types::brief(product);
    Ok(Event {
        id,
        tenant: room.tenant,
        mode: room.mode,
        name: "waitlist.signup".to_owned(),
        view: "waitlist_signup".to_owned(),
        data: json!({ "customer": { "email": row.email }, "product": brief }),
        products: vec![product.id],
        created_at: now,
    })
}

/// Lists who waits, newest first.
///
/// # Errors
/// `Malformed` for a cursor that is none of ours.
pub async fn list(ctx: &Ctx, filter: ListEntries, page: PageRequest) -> Result<Answer> {
    let room = ctx.room()?;
    let wanted = Entries::new(room, filter);
    let (rows, info) = store::list(ctx.store(), &wanted, &page).await?;
    let views = store::told(ctx.store().read(), room, &rows).await?;
    Answer::page("waitlist_entry", &views, info)
}

/// All who wait, as a table that is read from the database while it is sent.
///
/// # Errors
/// `Forbidden` where the credential belongs to no tenant.
pub async fn export(ctx: &Ctx, filter: ListEntries) -> Result<Answer> {
    let room = ctx.room()?.clone();
    let name = &ctx.now.millis_text()[..10];
    let headers = vec![
        ("Content-Type".to_owned(), "text/csv; charset=utf-8".to_owned()),
        (
            "Content-Disposition".to_owned(),
            format!("attachment; filename=\"waitlist-{name}.csv\""),
        ),
    ];
    let head = csv::row([
        "Email",
        "Product ID",
        "Product Name",
        "Product Slug",
        "Signed Up At",
        "Notified At",
    ]);
    let (store, wanted) = (ctx.store().clone(), Entries::new(&room, filter));
    let rows = stream::unfold(Some(None), move |place| {
        let (store, wanted, room) = (store.clone(), wanted.clone(), room.clone());
        async move {
            let read = store::batch(store.read(), &wanted, place?.as_ref(), EXPORT_ROWS).await;
            let (rows, next) = read
                .inspect_err(|error| tracing::warn!(%error, "an export was cut off"))
                .ok()?;
            let views = store::told(store.read(), &room, &rows).await.ok()?;
            let text: String = views.iter().map(|view| format!("\n{}", line(view))).collect();
            Some((Bytes::from(text), next.map(Some)))
        }
    });
    let whole = futures_util::StreamExt::chain(stream::iter([Bytes::from(head)]), rows);
    Ok(Answer::Stream(Streamed::new(headers, whole)))
}

fn line(view: &EntryView) -> String {
    let product = view.product.as_ref();
    csv::row([
        view.email.as_str(),
        &view.product_id.to_string(),
        product.map_or("", |product| &product.name),
        product.map_or("", |product| &product.slug),
        &view.created_at.millis_text(),
        &view.notified_at.map(Timestamp::millis_text).unwrap_or_default(),
    ])
}

/// Says that a product went on sale: whoever waits for it will be told.
///
/// # Errors
/// What the database says.
pub async fn launch(tx: &Tx, room: &Room, product: Uuid, now: Timestamp) -> Result<()> {
    if store::has_waiting(tx, product).await? {
        store::set_launch(tx, room, product, now).await?;
    }
    Ok(())
}

fn missing() -> Error {
    Error::not_found("product").with_text("product.not_found")
}
