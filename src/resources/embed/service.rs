//! One function per operation.

use super::types::{AskFree, OpenEmbedded, free, needs_captcha, paid, product};
use super::{rules, store};
use crate::actors::MeterKey;
use crate::context::{Ctx, Deed, Room};
use crate::domain::rate_limit::Limits;
use crate::domain::time::{DAY_MS, MINUTE_MS};
use crate::domain::{Code, Error, Kind, Mode, Result, Timestamp};
use crate::resources::captcha::service as captcha;
use crate::resources::checkout::service as checkout;
use crate::resources::checkout::types::Wanted;
use crate::resources::people::service::BuyerLink;
use crate::resources::sales::{places, prices};
use crate::store::mails::{self, Note};
use entities::product::Model;
use serde_json::{Value, json};

/// Purchases an address may begin in five minutes.
const SESSIONS: Window = Window {
    calls: 30,
    ms: 5 * MINUTE_MS,
};
/// Free products an address of the network may ask for in five hours.
const FREE_PER_PLACE: Window = Window {
    calls: 5,
    ms: 300 * MINUTE_MS,
};
/// Free products that may be asked for for one e-mail address in a day.
const FREE_PER_EMAIL: Window = Window { calls: 5, ms: DAY_MS };

#[derive(Clone, Copy)]
struct Window {
    calls: u32,
    ms: i64,
}

/// Begins a purchase, or says that the product costs nothing.
///
/// # Errors
/// `Forbidden` for an origin the shop has not named; `NotFound` for a product that is not sold this way; `RateLimited`.
pub async fn open(ctx: &Ctx, origin: Option<&str>, form: OpenEmbedded) -> Result<Value> {
    let (room, row) = find(ctx, origin, &form.product_slug).await?;
    limit(ctx, MeterKey::Op("embed.checkout_session", ctx.address), SESSIONS).await?;
    let price = price(ctx, &room, &row).await?;
    let shown = product(&row, price);
    let asked = captcha::asked(ctx, room.tenant).await?;
    if price == 0 {
        return Ok(free(shown, asked.unwrap_or_else(captcha::none)));
    }
    if let Some(puzzle) = asked {
        if form.captcha_token.is_none() {
            return Ok(needs_captcha(shown, puzzle));
        }
        captcha::check(ctx, room.tenant, form.captcha_token.as_deref()).await?;
    }
    let key = ctx.house.payments.publishable_key(room.tenant).await?;
    let wanted = wanted(form.email);
    let begun = checkout::begin(&ctx.house, &room, &row, &wanted, ctx.now).await?;
    let deed = Deed::of_house(&ctx.house, room, ctx.now);
    let made = ctx.store().command(async move |tx| begun.write(tx, &deed).await).await?;
    Ok(paid(&made, shown, key.as_deref()))
}

/// Gives a free product to an address and mails it a link that signs in.
///
/// # Errors
/// As [`open`]; `NotFound` for a product that costs something.
pub async fn give(ctx: &Ctx, origin: Option<&str>, form: AskFree) -> Result<Value> {
    let (room, row) = find(ctx, origin, &form.product_slug).await?;
    if price(ctx, &room, &row).await? > 0 {
        return Err(missing());
    }
    let answer = json!({
        "success": true,
        "message": "We have sent you a link. Look into your mail.",
        "productName": row.name,
    });
    if form.website.is_some_and(|website| !website.is_empty()) {
        return Ok(answer);
    }
    let email = form.email.to_lowercase();
    limit(ctx, MeterKey::Op("embed.free_access", ctx.address), FREE_PER_PLACE).await?;
    limit(ctx, MeterKey::Login(format!("free:{email}")), FREE_PER_EMAIL).await?;
    captcha::check(ctx, room.tenant, form.captcha_token.as_deref()).await?;
    let begun = checkout::begin(&ctx.house, &room, &row, &wanted(Some(email.clone())), ctx.now).await?;
    let link = BuyerLink::new(ctx, &email);
    let note = Note {
        tenant: room.tenant,
        kind: "access_link",
        recipient: email.clone(),
        values: vec![
            ("product_name", row.name.clone()),
            ("customer_email", email),
            ("sign_in_url", link.url(&ctx.house.public_url)),
        ],
    };
    let deed = Deed::of_house(&ctx.house, room, ctx.now);
    let (sealer, nonce) = (ctx.house.sealer.clone(), ctx.house.ids.bytes());
    ctx.store()
        .command(async move |tx| {
            begun.write(tx, &deed).await?;
            link.write(tx).await?;
            match mails::compose(tx, &note, deed.id(), deed.now).await? {
                Some(mail) => mails::insert(tx, &mail.sealed(&sealer, nonce)?).await,
                None => Ok(()),
            }
        })
        .await?;
    ctx.house.actors.poke_courier();
    Ok(answer)
}

/// Whether a page of this origin may sell this product.
///
/// # Errors
/// `Forbidden` in every other case: a browser is told no more before it may call.
pub async fn may_call(ctx: &Ctx, origin: Option<&str>, slug: &str) -> Result<()> {
    match find(ctx, origin, slug).await {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == Kind::NotFound => Err(forbidden()),
        Err(error) => Err(error),
    }
}

/// The shop that sells something of this slug and has named the origin.
async fn find(ctx: &Ctx, origin: Option<&str>, slug: &str) -> Result<(Room, Model)> {
    let origin = origin.ok_or_else(forbidden)?;
    let db = ctx.store().read();
    let shops = store::tenants_of_origin(db, origin).await?;
    if shops.is_empty() {
        return Err(forbidden());
    }
    let rows = store::products(db, slug).await?;
    let is_elsewhere = !rows.is_empty();
    let mut own: Vec<Model> = rows.into_iter().filter(|row| shops.contains(&row.tenant)).collect();
    if own.is_empty() {
        return Err(if is_elsewhere { forbidden() } else { missing() });
    }
    own.retain(|row| rules::is_embeddable(row, ctx.now));
    // Where two shops name the same origin and slug, the older product: an answer that does not change by itself.
    let row = own
        .into_iter()
        .min_by_key(|row| (row.created_at, row.id))
        .ok_or_else(missing)?;
    let shop = store::shop(db, row.tenant).await?;
    let room = shop.and_then(|shop| Room::of(&shop, Mode::Live)).ok_or_else(missing)?;
    Ok((room, row))
}

async fn price(ctx: &Ctx, room: &Room, row: &Model) -> Result<i64> {
    let gone = places::gone(ctx.store().read(), room, row.id, ctx.now).await?;
    prices::main_price(row, ctx.now, gone, None).map(|(price, _)| price)
}

fn wanted(email: Option<String>) -> Wanted {
    Wanted {
        email,
        source: "embed",
        is_embedded: true,
        ..Wanted::default()
    }
}

/// Counts a call in a window longer than a meter's minute: the window's first minute stands for all of it.
async fn limit(ctx: &Ctx, key: MeterKey, window: Window) -> Result<()> {
    let start = ctx.now.floor(window.ms);
    let counted = ctx.house.actors.meter(key, Limits::per_minute(window.calls), start).await;
    counted.map(|_| ()).map_err(|mut error| {
        if error.kind() == Kind::RateLimited {
            error.message = "Too many requests. Try again later.".into();
            error.retry_after_s = Some(Timestamp(start.0 + window.ms).seconds_from(ctx.now).max(1));
        }
        error
    })
}

fn forbidden() -> Error {
    Error::new(Code::Forbidden, "This origin may not sell for the shop.")
}

fn missing() -> Error {
    Error::new(Code::NotFound, "This product is not to be had here.")
}
