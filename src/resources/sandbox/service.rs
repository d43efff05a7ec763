//! The test cards and what they do.

use super::store;
use super::subscriptions::{self, Beginning};
use crate::context::{Deed, House, Room};
use crate::domain::stripe::shapes::{self, checkout as checkout_shape, dispute as dispute_shape};
use crate::domain::stripe::{CheckoutSeen, DisputeSeen, META_CHECKOUT, META_PRODUCT, META_TENANT, Notice};
use crate::domain::{Code, Error, Result, Timestamp};
use crate::resources::coupons::service::uses as coupons;
use crate::resources::coupons::types::Hold;
use crate::resources::products::service as products;
use crate::resources::sales::service as sales;
use crate::resources::sales::types::{ItemType, Line};
use crate::resources::stripe::service as stripe;
use crate::resources::stripe::types::Outcome;
use crate::store::origins;
use entities::checkout::{Kind, Model, Status};
use entities::payment::Provider;
use entities::sandbox_event;
use serde_json::Value;
use std::sync::Arc;
use uuid::Uuid;

/// How long the bank takes to hear of a dispute, in milliseconds.
const DISPUTE_AFTER_MS: i64 = 60_000;

/// A test card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Card {
    /// It pays.
    Good,
    /// It is declined.
    Declined,
    /// It pays, and its owner disputes the payment a minute later.
    Disputed,
    /// It pays now, and no renewal of a subscription.
    FailsLater,
    /// It is no test card.
    Unknown,
}

impl Card {
    /// Those there are.
    pub const ALL: [Self; 4] = [Self::Good, Self::Declined, Self::Disputed, Self::FailsLater];

    /// Its number.
    pub const fn number(self) -> &'static str {
        match self {
            Self::Good => "4242424242424242",
            Self::Declined => "4000000000000002",
            Self::Disputed => "4000000000000259",
            Self::FailsLater => "4000000000000341",
            Self::Unknown => "",
        }
    }

    /// What it does.
    pub const fn about(self) -> &'static str {
        match self {
            Self::Good => "pays",
            Self::Declined => "is declined",
            Self::Disputed => "pays and is disputed a minute later",
            Self::FailsLater => "pays now, but no renewal of a subscription",
            Self::Unknown => "is no test card",
        }
    }

    /// Whether it pays the renewals of a subscription.
    pub const fn renews(self) -> bool {
        matches!(self, Self::Good | Self::Disputed)
    }

    /// Reads a number as people write it.
    pub fn read(number: &str) -> Self {
        let digits: String = number.chars().filter(char::is_ascii_digit).collect();
        Self::ALL
            .into_iter()
            .find(|card| card.number() == digits)
            .unwrap_or(Self::Unknown)
    }
}

/// What came of an attempt to pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tried {
    /// The money is there, now or already.
    Paid,
    /// It is not; the reason is for the buyer.
    Declined(&'static str),
    /// It is too late.
    Expired,
}

/// A checkout of the sandbox and its lines.
///
/// # Errors
/// `NotFound`, also for a checkout that is paid elsewhere.
pub async fn find(house: &House, id: Uuid) -> Result<(Model, Vec<Line>)> {
    let row = sales::checkout_anywhere(house.store.read(), id).await?;
    let row = row.filter(|row| row.provider == Provider::Sandbox);
    let row = row.ok_or_else(|| Error::not_found("checkout"))?;
    let lines = sales::lines_of(&row)?;
    Ok((row, lines))
}

/// Whose pages may show a checkout in a frame: those the shop has named, for one that was begun on such a page.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn frames(house: &House, row: &Model) -> Result<Vec<String>> {
    match row.metadata.get("source").and_then(Value::as_str) {
        Some("embed") => origins::list(&house.store, row.tenant).await,
        _ => Ok(Vec::new()),
    }
}

/// Tries to pay with a card.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn pay(
    house: &Arc<House>,
    row: &Model,
    card: Card,
    (email, name): (Option<String>, Option<String>),
    now: Timestamp,
) -> Result<Tried> {
    match (row.status, card) {
        (Status::Complete, _) => return Ok(Tried::Paid),
        (Status::Expired, _) => return Ok(Tried::Expired),
        (Status::Open, _) if row.expires_at <= now.0 => return Ok(Tried::Expired),
        (Status::Open, Card::Declined) => return Ok(Tried::Declined("The card was declined.")),
        (Status::Open, Card::Unknown) => return Ok(Tried::Declined("This is no test card; no other is taken here.")),
        (Status::Open, Card::Good | Card::Disputed | Card::FailsLater) => {}
    }
    let email = row.email.clone().or(email);
    if email.is_none() {
        return Ok(Tried::Declined("An e-mail address is needed for the receipt."));
    }
    let room = Room::find(house.store.read(), row.tenant, row.mode).await?;
    let room = room.ok_or_else(|| Error::not_found("checkout"))?;
    if !holds_coupon(house, &room, row, email.as_deref(), now).await? {
        return Ok(Tried::Declined(
            "The coupon has no use left for this purchase; nothing was charged.",
        ));
    }
    let mut seen = seen(row, email, name);
    if row.kind == Kind::Subscription {
        let intent = subscribe(house, &room, (row, seen.clone(), card), now).await?;
        seen.intent = Some(intent).filter(|intent| !intent.is_empty());
    } else {
        let id = format!("evt_test_{}", house.ids.uuid(now).simple());
        let event = shapes::event(&id, "checkout.session.completed", now, checkout_shape(&seen));
        feed(house, &room, &event, now).await?;
    }
    if card == Card::Disputed && seen.intent.is_some() {
        dispute_later(house, row, &seen, now).await?;
    }
    house.actors.poke_courier();
    Ok(Tried::Paid)
}

/// Holds the coupon's use before money moves; false where none is left. A purchase without a coupon needs none.
async fn holds_coupon(house: &Arc<House>, room: &Room, row: &Model, email: Option<&str>, now: Timestamp) -> Result<bool> {
    let Some(hold) = Hold::of(row, email, Timestamp(row.expires_at)) else {
        return Ok(true);
    };
    let deed = Deed::of_house(house, room.clone(), now);
    let held = house
        .store
        .command(async move |tx| coupons::hold(tx, &deed, &hold).await)
        .await;
    match held {
        Ok(()) => Ok(true),
        Err(error) if error.code == Code::Validation => Ok(false),
        Err(error) => Err(error),
    }
}

fn seen(row: &Model, email: Option<String>, name: Option<String>) -> CheckoutSeen {
    let metadata = [
        (META_TENANT, row.tenant),
        (META_PRODUCT, row.product),
        (META_CHECKOUT, row.id),
    ];
    CheckoutSeen {
        session: row.session_ref.clone().unwrap_or_default(),
        is_subscription: row.kind == Kind::Subscription,
        is_paid: true,
        intent: Some(intent(row)),
        email,
        name: name.filter(|name| !name.is_empty()),
        amount_minor: row.amount_minor,
        currency: row.currency.clone(),
        metadata: metadata.map(|(name, id)| (name.to_owned(), id.to_string())).into(),
        ..CheckoutSeen::default()
    }
}

fn intent(row: &Model) -> String {
    format!("pi_test_{}", row.id.simple())
}

async fn dispute_later(house: &Arc<House>, row: &Model, seen: &CheckoutSeen, now: Timestamp) -> Result<()> {
    let due = Timestamp(now.0 + DISPUTE_AFTER_MS);
    let (id, dispute) = (house.ids.uuid(now), house.ids.uuid(now));
    let told = DisputeSeen {
        dispute: format!("dp_test_{}", dispute.simple()),
        charge: None,
        intent: seen.intent.clone(),
        amount_minor: row.amount_minor,
        currency: row.currency.clone(),
        reason: Some("fraudulent".to_owned()),
    };
    let name = format!("evt_test_{}", id.simple());
    let event = sandbox_event::Model {
        id,
        tenant: row.tenant,
        mode: row.mode,
        body: shapes::event(&name, "charge.dispute.created", due, dispute_shape(&told)).into(),
        due_at: due.0,
        done_at: None,
        created_at: now.0,
    };
    house.store.command(async move |tx| store::insert(tx, &event).await).await
}

/// Begins the subscription that a checkout sells; answers the payment of its first period.
async fn subscribe(
    house: &Arc<House>,
    room: &Room,
    (row, seen, card): (&Model, CheckoutSeen, Card),
    now: Timestamp,
) -> Result<String> {
    let shop = products::shop_of(house.store.read(), row.product).await?;
    let (_, product) = shop.ok_or_else(|| Error::not_found("product"))?;
    let lines = sales::lines_of(row)?;
    let main = lines.iter().find(|line| line.item_type == ItemType::MainProduct);
    let beginning = Beginning {
        checkout: row,
        seen,
        product: &product,
        price_minor: main.map_or(row.amount_minor, |line| line.total_minor),
        card,
    };
    subscriptions::begin(house, room, beginning, now).await
}

/// Gives an event to the handler of Stripe's.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn feed(house: &Arc<House>, room: &Room, event: &Value, now: Timestamp) -> Result<()> {
    let notice = Notice::of(event).map_err(|_| Error::malformed("This is no event."))?;
    let outcome = stripe::handle(house, room, notice, Provider::Sandbox, now).await?;
    if let Outcome::Misfit(reason) = outcome {
        tracing::warn!(reason, "an event of the sandbox fits nothing");
    }
    Ok(())
}
