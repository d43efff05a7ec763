//! One function per operation.

use super::begin::{self, Terms};
use super::types::{CheckoutView, OpenCheckout, Wanted};
use crate::context::{Answer, Ctx, Deed, House, Principal, Room};
use crate::domain::{Code, Error, Mode, Result, Timestamp};
use crate::payments::Provider;
use crate::payments::types::{Line as Charged, NewCheckout, Opened, Place, Recurring};
use crate::resources::coupons::service::uses as coupons;
use crate::resources::coupons::types::Hold;
use crate::resources::courses::service as courses;
use crate::resources::products::service as products;
use crate::resources::sales::goods::Goods;
use crate::resources::sales::places;
use crate::resources::sales::types::{ItemType, Outcome, Paid};
use crate::resources::sales::{service as sales, settle};
use entities::checkout::{Kind, Model, Status};
use entities::payment::Provider as ProviderKind;
use entities::product;
use serde_json::{Value, json};
use std::sync::Arc;
use uuid::Uuid;

/// How long a buyer may take, in milliseconds.
const OPEN_MS: i64 = 24 * 3_600_000 - 60_000;

/// The same where a coupon's use or a place at a sale price is held for him meanwhile: a little more than the least that Stripe takes, so that a buyer
/// who turns away does not keep it from others for long.
const HELD_MS: i64 = 35 * 60_000;

/// Begins a purchase; what costs nothing is given at once.
///
/// # Errors
/// `NotFound` for a product that is not shown; `Conflict` where it is not for sale; `Validation` for what does not fit.
pub async fn open(ctx: &Ctx, form: OpenCheckout) -> Result<Answer> {
    let (room, product) = wanted_product(ctx, &form).await?;
    let (email, person) = match &ctx.principal {
        // Somebody of the shop who names an address sells to it; everybody else buys for himself.
        Principal::Person(signed) if signed.role.is_some() && is_own(ctx, &room) && is_other(&form, &signed.email) => {
            (form.email.clone(), None)
        }
        Principal::Person(signed) => (Some(signed.email.clone()), Some(signed.person)),
        _ => (form.email.clone(), None),
    };
    let wanted = Wanted {
        email,
        name: form.name.filter(|name| !name.is_empty()),
        person,
        coupon_code: form.coupon_code,
        order_bump_ids: form.order_bump_ids,
        custom_amount_minor: form.custom_amount_minor,
        custom_fields: form.custom_fields,
        success_url: form.success_url,
        cancel_url: form.cancel_url,
        consent: form.consent,
        source: "checkout",
        is_embedded: false,
        is_sale_over: false,
    };
    let begun = begin(&ctx.house, &room, &product, &wanted, ctx.now).await?;
    let deed = deed(ctx, room);
    let answer = ctx
        .command(async move |tx| {
            let row = begun.write(tx, &deed).await?;
            Answer::created("checkout", &CheckoutView::from(&row))
        })
        .await?;
    ctx.house.actors.poke_courier();
    Ok(answer)
}

fn is_own(ctx: &Ctx, shop: &Room) -> bool {
    ctx.room.as_ref().is_some_and(|room| room.tenant == shop.tenant)
}

fn is_other(form: &OpenCheckout, own: &str) -> bool {
    form.email.as_deref().is_some_and(|email| !email.eq_ignore_ascii_case(own))
}

/// The deed of a call in the shop it buys at.
fn deed(ctx: &Ctx, room: Room) -> Deed {
    Deed {
        room,
        now: ctx.now,
        actor: ctx.principal.name(),
        ids: ctx.house.ids.clone(),
        public_url: ctx.house.public_url.clone(),
        house: ctx.house.clone(),
    }
}

/// The shop that sells a product, or the one of a course; none for what is nowhere.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn shop(ctx: &Ctx, product: Option<Uuid>, course: Option<Uuid>) -> Result<Option<Room>> {
    let db = ctx.store().read();
    let id = match (product, course) {
        (Some(id), _) => Some(id),
        (None, Some(course)) => courses::product_anywhere(db, course).await.ok(),
        (None, None) => None,
    };
    match id {
        Some(id) => Ok(products::shop_of(db, id).await?.map(|(room, _)| room)),
        None => Ok(None),
    }
}

/// A key buys at its own shop; a person buys anywhere.
async fn wanted_product(ctx: &Ctx, form: &OpenCheckout) -> Result<(Room, product::Model)> {
    let missing = || Error::not_found("product").with_text("product.not_found");
    let id = match (form.product_id, form.course_id) {
        (Some(id), _) => id,
        (None, Some(course)) => courses::product_anywhere(ctx.store().read(), course).await?,
        (None, None) => {
            return Err(Error::field(
                "product_id",
                "required",
                "Say which product or course is bought",
            ));
        }
    };
    let found = products::shop_of(ctx.store().read(), id).await?.ok_or_else(missing)?;
    let is_own = ctx
        .room
        .as_ref()
        .is_some_and(|room| room.tenant == found.0.tenant && room.mode == found.0.mode);
    let is_shown = found.1.status == product::Status::Published;
    let is_open = matches!(ctx.principal, Principal::Person(_)) && found.0.mode == Mode::Live;
    match is_shown && (is_own || is_open) {
        true => Ok(found),
        false => Err(missing()),
    }
}

/// A purchase that can be written down: its terms are known, and the provider is told.
pub struct Begun {
    row: Model,
}

impl Begun {
    /// The row, before anything was paid.
    pub fn row(&self) -> &Model {
        &self.row
    }

    /// Writes it down; what costs nothing is given at once.
    ///
    /// # Errors
    /// `Unavailable` where the database is.
    pub async fn write(&self, tx: &crate::store::Tx, deed: &Deed) -> Result<Model> {
        sales::insert_checkout(tx, &self.row).await?;
        // In the sandbox the money is ours to take, and so is the moment to hold a use: that of paying.
        let hold = Hold::of(&self.row, None, Timestamp(self.row.expires_at));
        if let Some(hold) = hold.filter(|_| self.row.provider != ProviderKind::Sandbox) {
            coupons::hold(tx, deed, &hold).await?;
        }
        if self.row.provider != ProviderKind::Free {
            return Ok(self.row.clone());
        }
        let paid = Paid {
            checkout: Some(self.row.id),
            currency: self.row.currency.clone(),
            paid_at: deed.now,
            ..Paid::default()
        };
        match settle::settle(tx, deed, &paid).await? {
            Outcome::Done(_) | Outcome::Known => {}
            Outcome::Unknown => return Err(Error::not_found("checkout")),
            Outcome::Misfit(reason) => return Err(Error::new(Code::Conflict, reason)),
        }
        let row = sales::checkout(tx, &deed.room, self.row.id).await?;
        row.ok_or_else(|| Error::not_found("checkout"))
    }
}

/// What a purchase would cost without a coupon; nothing is begun.
///
/// # Errors
/// `Conflict` where the product is not for sale.
pub async fn price(house: &House, room: &Room, product: &product::Model, now: Timestamp) -> Result<i64> {
    let terms = begin::terms(&house.store, room, product, &Wanted::default(), now).await?;
    Ok(terms.amount_minor)
}

/// Works out the terms of a purchase and tells the provider of it; nothing is written yet.
///
/// # Errors
/// As [`open`]; `Unavailable` where the provider is.
pub async fn begin(house: &Arc<House>, room: &Room, product: &product::Model, wanted: &Wanted, now: Timestamp) -> Result<Begun> {
    let mut row = row_of(house, room, product, wanted, now);
    let terms = agreed(house, room, (product, wanted), &mut row, now).await?;
    let is_free = terms.amount_minor == 0 && terms.kind == Kind::Payment;
    if is_free && wanted.email.is_none() {
        release(house, room, row.id).await?;
        return Err(Error::field("email", "required", "email is required"));
    }
    row.kind = terms.kind;
    row.amount_minor = terms.amount_minor;
    row.discount_minor = terms.discount_minor;
    row.lines = serde_json::to_value(&terms.lines).map_err(Error::internal)?.into();
    if let Some((coupon, code)) = &terms.coupon {
        (row.coupon, row.coupon_code) = (Some(*coupon), Some(code.clone()));
    }
    if is_free {
        row.provider = ProviderKind::Free;
        return Ok(Begun { row });
    }
    let provider = house.payments.provider(room.tenant, room.mode).await?;
    row.provider = provider.kind();
    if row.coupon.is_some() && row.provider != ProviderKind::Sandbox {
        row.expires_at = now.0 + HELD_MS;
    }
    match tell(house, &provider, &row, product, (wanted, &terms)).await {
        Ok(opened) => {
            (row.session_ref, row.url, row.client_secret) = (Some(opened.session), opened.url, opened.client_secret);
            Ok(Begun { row })
        }
        Err(error) => {
            release(house, room, row.id).await?;
            Err(error)
        }
    }
}

/// Gives a place at a sale price back that nothing came of.
async fn release(house: &House, room: &Room, checkout: Uuid) -> Result<()> {
    let room = room.clone();
    let free = async move |tx: &crate::store::Tx| places::free(tx, &room, checkout).await;
    house.store.command(free).await
}

/// The terms of a purchase. A place at a sale price of which there are only so many is held for it, for as long as its
/// checkout is open; where none is left the price is the usual one.
async fn agreed(
    house: &Arc<House>,
    room: &Room,
    (product, wanted): (&product::Model, &Wanted),
    row: &mut Model,
    now: Timestamp,
) -> Result<Terms> {
    let terms = begin::terms(&house.store, room, product, wanted, now).await?;
    if !terms.is_sale() || places::limit(product).is_none() {
        return Ok(terms);
    }
    let (id, until) = (row.id, Timestamp(now.0 + HELD_MS));
    let (deed, sold) = (Deed::of_house(house, room.clone(), now), product.clone());
    let hold = async move |tx: &crate::store::Tx| places::hold(tx, &deed, &sold, id, until).await;
    if house.store.command(hold).await? {
        row.expires_at = until.0;
        return Ok(terms);
    }
    let usual = Wanted {
        is_sale_over: true,
        ..wanted.clone()
    };
    begin::terms(&house.store, room, product, &usual, now).await
}

async fn tell(
    house: &House,
    provider: &Provider,
    row: &Model,
    product: &product::Model,
    (wanted, terms): (&Wanted, &Terms),
) -> Result<Opened> {
    let goods = Goods(product);
    let done = format!("{}/sandbox/checkout/{}/done", house.public_url, row.id);
    let recurring = (terms.kind == Kind::Subscription).then(|| {
        let (interval, interval_count) = goods.interval();
        Recurring {
            interval: interval.to_owned(),
            interval_count,
            trial_days: Some(goods.trial_days()).filter(|days| *days > 0),
        }
    });
    let new = NewCheckout {
        checkout: row.id,
        tenant: row.tenant,
        product: product.id,
        lines: charged(terms),
        currency: &row.currency,
        recurring,
        email: row.email.as_deref(),
        place: match wanted.is_embedded {
            true => Place::Embedded {
                return_url: row.success_url.clone().unwrap_or(done),
            },
            false => Place::Hosted {
                success_url: row.success_url.clone().unwrap_or(done),
                cancel_url: row.cancel_url.clone(),
            },
        },
        metadata: Default::default(),
        expires_at: Timestamp(row.expires_at),
        public_url: &house.public_url,
    };
    Ok(provider.open_checkout(&new).await?)
}

/// The lines as a provider charges them.
fn charged(terms: &Terms) -> Vec<Charged> {
    let main_first = terms.lines.iter().filter(|line| line.item_type == ItemType::MainProduct);
    let others = terms.lines.iter().filter(|line| line.item_type != ItemType::MainProduct);
    main_first
        .chain(others)
        .map(|line| Charged {
            name: line.name.clone(),
            unit_minor: line.total_minor,
            quantity: 1,
        })
        .collect()
}

fn row_of(house: &House, room: &Room, product: &product::Model, wanted: &Wanted, now: Timestamp) -> Model {
    let success_url = wanted
        .success_url
        .clone()
        .or_else(|| Goods(product).success_url().map(str::to_owned));
    Model {
        id: house.ids.uuid(now),
        tenant: room.tenant,
        mode: room.mode.into(),
        product: product.id,
        email: wanted.email.as_deref().map(|email| email.trim().to_lowercase()),
        person: wanted.person,
        status: Status::Open,
        kind: Kind::Payment,
        provider: ProviderKind::Sandbox,
        session_ref: None,
        url: None,
        client_secret: None,
        amount_minor: 0,
        currency: product.currency.clone(),
        lines: json!([]).into(),
        coupon: None,
        coupon_code: None,
        discount_minor: 0,
        custom_fields: wanted.custom_fields.clone().map(Into::into),
        success_url,
        cancel_url: wanted.cancel_url.clone(),
        metadata: metadata(wanted).into(),
        payment: None,
        expires_at: now.0 + OPEN_MS,
        completed_at: None,
        created_at: now.0,
        updated_at: now.0,
    }
}

/// What a checkout remembers of how it was begun.
fn metadata(wanted: &Wanted) -> Value {
    let mut kept = json!({"source": wanted.source});
    if let Some(consent) = &wanted.consent {
        kept["consent"] = consent.clone();
    }
    if let Some(name) = &wanted.name {
        kept["name"] = name.clone().into();
    }
    kept
}

/// Reads a checkout of the room.
///
/// # Errors
/// `NotFound`.
pub async fn get(ctx: &Ctx, id: Uuid) -> Result<Answer> {
    let row = sales::checkout(ctx.store().read(), ctx.room()?, id).await?;
    let row = row.ok_or_else(|| Error::not_found("checkout"))?;
    Answer::one("checkout", &CheckoutView::from(&row))
}
