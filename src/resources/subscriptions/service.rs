//! One function per operation: what a subscriber does himself, and what sales and the sandbox ask for.

use super::types::{OwnSubscription, SubscriptionBrief};
use super::{bind, effects, rules, store};
use crate::actors::MeterKey;
use crate::context::{Answer, Ctx, Deed, House, Room};
use crate::domain::rate_limit::Limits;
use crate::domain::stripe::{PriceSeen, SubscriptionSeen};
use crate::domain::time::MINUTE_MS;
use crate::domain::{Code, Error, Kind, Result, Timestamp};
use crate::resources::access::service as access;
use crate::resources::access::types::Taking;
use crate::store::Tx;
use entities::access::EndReason;
use entities::payment::Provider;
use entities::subscription::{Model, Status};
use sea_orm::ConnectionTrait;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// How long until a provider that could not be told is told again: often enough within any period, and seldom enough for a
/// clock that stops at each try.
const AGAIN: Duration = Duration::from_secs(6 * 3_600);

/// Lists the subscriptions of the person who asks, newest first, at whatever tenant.
///
/// # Errors
/// `SessionRequired`.
pub async fn list(ctx: &Ctx) -> Result<Answer> {
    let person = ctx.person()?.person;
    let db = ctx.store().read();
    let rows = store::of_person(db, person).await?;
    let mut ids: Vec<Uuid> = rows.iter().map(|row| row.product).collect();
    ids.sort_unstable();
    ids.dedup();
    let products = store::products(db, &ids).await?;
    let products: HashMap<Uuid, _> = products.into_iter().map(|product| (product.id, product)).collect();
    let mut rooms: HashMap<Uuid, Option<Room>> = HashMap::new();
    let mut shown = Vec::with_capacity(rows.len());
    for row in &rows {
        if let Entry::Vacant(place) = rooms.entry(row.tenant) {
            place.insert(Room::find(db, row.tenant, row.mode).await?);
        }
        let view = own_view(row, products.get(&row.product).map(|product| rules::subscribed(product, row)));
        let value = serde_json::to_value(&view).map_err(Error::internal)?;
        // Whole currency or minor units, as the shop's own dialect has it: its buyers read its prices.
        let dialect = rooms.get(&row.tenant).and_then(Option::as_ref).map(|room| &room.dialect);
        let dialect = dialect
            .and_then(|name| ctx.house.dialects.get(name))
            .unwrap_or_else(|| ctx.house.dialects.native());
        shown.push(dialect.painted("own_subscription", &value));
    }
    Ok(Answer::raw(
        200,
        "application/json",
        json!({"subscriptions": shown}).to_string(),
    ))
}

fn own_view(row: &Model, product: Option<super::types::SubscribedProduct>) -> OwnSubscription {
    let brief = SubscriptionBrief::from(row);
    OwnSubscription {
        id: row.id,
        status: row.status,
        current_period_start_at: brief.current_period_start_at,
        current_period_end_at: brief.current_period_end_at,
        cancel_at_period_end: row.cancel_at_period_end,
        canceled_at: brief.canceled_at,
        trial_end_at: brief.trial_end_at,
        latest_invoice_id: row.latest_invoice.clone(),
        stripe_subscription_id: row.subscription_ref.clone(),
        product_id: row.product,
        created_at: Timestamp(row.created_at),
        product,
    }
}

/// Has one's own subscription end with its period (`ends`), or go on after all.
///
/// # Errors
/// `NotFound` where it is not one's own; `Malformed` where it has ended; what the provider says.
pub async fn end_own(ctx: &Ctx, id: Uuid, ends: bool) -> Result<Answer> {
    let person = ctx.person()?.person;
    let row = bind::there(store::own(ctx.store().read(), person, id).await?)?;
    if rules::is_over(&row) {
        return Err(Error::malformed("This subscription has ended."));
    }
    if row.cancel_at_period_end == ends {
        let message = match ends {
            true => "The subscription ends with its period already.",
            false => "The subscription goes on.",
        };
        return Ok(plain(&json!({"ok": true, "message": message})));
    }
    let room = bind::there(Room::find(ctx.store().read(), row.tenant, row.mode).await?)?;
    let seen = match row.provider {
        Provider::Stripe => Some(tell_provider(&ctx.house, &row, ends, ctx.id()).await?),
        Provider::Sandbox | Provider::Free => None,
    };
    let deed = Deed {
        actor: ctx.principal.name(),
        ..Deed::of_house(&ctx.house, room, ctx.now)
    };
    ctx.command(async move |tx| {
        let row = bind::there(store::by_id(tx, &deed.room, id).await?)?;
        match &seen {
            // Stripe tells of it by itself, which is what subscribers are told by.
            Some(seen) => note(tx, &deed, row, seen.cancel_at_period_end, seen.canceled_at).await?,
            None => end_in_sandbox(tx, &deed, row, ends).await?,
        }
        Ok(plain(&json!({"ok": true})))
    })
    .await
}

fn plain(value: &Value) -> Answer {
    Answer::raw(200, "application/json", value.to_string())
}

/// Tells Stripe, which cannot be done where no key of Stripe's is set any more.
async fn tell_provider(house: &House, row: &Model, ends: bool, wish: Uuid) -> Result<SubscriptionSeen> {
    let provider = house.payments.provider(row.tenant, row.mode.into()).await?;
    let told = provider.end_with_period(&row.subscription_ref, ends, wish).await?;
    told.ok_or_else(|| Error::unavailable(60))
}

async fn note(tx: &Tx, deed: &Deed, mut row: Model, ends: bool, canceled_at: Option<Timestamp>) -> Result<()> {
    row.cancel_at_period_end = ends;
    row.canceled_at = bind::millis(canceled_at).or(ends.then_some(deed.now.0));
    row.updated_at = deed.now.0;
    store::replace(tx, &row).await
}

/// The sandbox says what Stripe would say, to the same mirror.
async fn end_in_sandbox(tx: &Tx, deed: &Deed, row: Model, ends: bool) -> Result<()> {
    let mut seen = seen_of(&row);
    seen.cancel_at_period_end = ends;
    seen.canceled_at = ends.then(|| whole_second(deed.now));
    seen.previous_attributes = [
        ("cancel_at_period_end".to_owned(), Value::Bool(row.cancel_at_period_end)),
        ("canceled_at".to_owned(), row.canceled_at.map(|at| at / 1000).into()),
    ]
    .into_iter()
    .collect();
    let at = whole_second(deed.now).max(Timestamp(row.state_at));
    effects::changed(tx, deed, &seen, at, row.provider).await.map(|_| ())
}

/// The moment in whole seconds, in which providers count.
pub fn whole_second(at: Timestamp) -> Timestamp {
    at.floor(1_000)
}

/// The subscription as its provider would print it.
pub fn seen_of(row: &Model) -> SubscriptionSeen {
    SubscriptionSeen {
        subscription: row.subscription_ref.clone(),
        customer: row.customer_ref.clone(),
        status: row.status.name().to_owned(),
        price: PriceSeen {
            price: row.price_ref.clone(),
            amount_minor: Some(row.price_minor),
            currency: Some(row.currency.clone()),
            interval: Some(row.billing_interval.clone()),
            interval_count: Some(row.billing_interval_count),
        },
        trial_end: row.trial_end_at.map(Timestamp),
        period_start: row.period_start_at.map(Timestamp),
        period_end: row.period_end_at.map(Timestamp),
        cancel_at_period_end: row.cancel_at_period_end,
        canceled_at: row.canceled_at.map(Timestamp),
        ended_at: row.ended_at.map(Timestamp),
        latest_invoice: row.latest_invoice.clone(),
        email: None,
        metadata: serde_json::from_value(row.metadata.0.clone()).unwrap_or_default(),
        previous_attributes: Map::new(),
    }
}

/// The money of a period went back: access ends now, and the subscription with its period.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn money_back(tx: &Tx, deed: &Deed, id: Uuid, reason: EndReason) -> Result<()> {
    let Some(mut row) = store::by_id(tx, &deed.room, id).await? else {
        return Ok(());
    };
    access::take(
        tx,
        deed,
        &Taking {
            cause_id: row.id,
            reason,
        },
    )
    .await?;
    if rules::is_over(&row) {
        return Ok(());
    }
    row.barred_at = Some(deed.now.0);
    row.updated_at = deed.now.0;
    let must_end = !row.cancel_at_period_end;
    if must_end && row.provider == Provider::Stripe {
        row.end_wanted_at = Some(deed.now.0);
    }
    store::replace(tx, &row).await?;
    match must_end && row.provider == Provider::Sandbox {
        true => end_in_sandbox(tx, deed, row, true).await,
        false => Ok(()),
    }
}

/// Tells providers of what is to end with its period; answers whether there may be more.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn end_wanted(house: &Arc<House>, now: Timestamp) -> Result<bool> {
    let rows = store::ends_wanted(house.store.read(), now).await?;
    for row in &rows {
        let Some(room) = Room::find(house.store.read(), row.tenant, row.mode).await? else {
            continue;
        };
        let told = house.payments.provider(row.tenant, row.mode.into()).await?;
        // The moment of the refund is part of the key: it makes a repetition the same call, and the next wish another.
        let wished = u128::from(row.barred_at.unwrap_or(0).unsigned_abs());
        let wish = Uuid::from_u128(row.id.as_u128() ^ wished);
        let told = told.end_with_period(&row.subscription_ref, true, wish).await;
        let is_told = matches!(told, Ok(Some(_)));
        let again = match told {
            Ok(_) => None,
            Err(error) if error.is_transient() => Some(now + AGAIN),
            Err(error) => {
                tracing::warn!(subscription.id = %row.id, %error, "a subscription could not be ended with its period");
                None
            }
        };
        let (deed, id) = (Deed::of_house(house, room, now), row.id);
        house
            .store
            .command(async move |tx| {
                let Some(mut row) = store::by_id(tx, &deed.room, id).await? else {
                    return Ok(());
                };
                row.end_wanted_at = bind::millis(again);
                match is_told {
                    true => note(tx, &deed, row, true, None).await,
                    false => store::replace(tx, &row).await,
                }
            })
            .await?;
    }
    Ok(u64::try_from(rows.len()).is_ok_and(|rows| rows == store::BATCH_ROWS))
}

/// The next moment after `after` at which a provider is to be told something.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn next_end_wanted(house: &Arc<House>, after: Timestamp) -> Result<Option<Timestamp>> {
    store::next_end_wanted(house.store.read(), after).await
}

/// A subscription by the provider's name for it, at whatever tenant.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn find_anywhere(db: &impl ConnectionTrait, subscription_ref: &str) -> Result<Option<Model>> {
    store::by_ref_anywhere(db, subscription_ref).await
}

/// A subscription by its id, at whatever tenant.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn by_id_anywhere(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<Model>> {
    store::by_id_anywhere(db, id).await
}

/// A subscription of this room.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn find(db: &impl ConnectionTrait, room: &Room, subscription_ref: &str) -> Result<Option<Model>> {
    store::by_ref(db, room, subscription_ref).await
}

/// What the sandbox has to do by `now`; a bounded number.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn due(db: &impl ConnectionTrait, now: Timestamp) -> Result<Vec<Model>> {
    store::due(db, now).await
}

/// The next moment after `after` at which the sandbox has something to do.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn next_due(db: &impl ConnectionTrait, after: Timestamp) -> Result<Option<Timestamp>> {
    store::next_due(db, after).await
}

/// The sandbox's own columns: what no event tells.
#[derive(Clone, Debug)]
pub struct Clockwork {
    /// The card.
    pub card: Option<String>,
    /// When the first period began.
    pub anchor: Option<Timestamp>,
    /// How many periods have begun since.
    pub cycle: i64,
    /// How often the present period was charged in vain.
    pub attempts: i64,
    /// The invoice that is not paid.
    pub open_invoice: Option<String>,
    /// The moment whose coming was announced last.
    pub noticed: Option<Timestamp>,
    /// When there is something to do next.
    pub due: Option<Timestamp>,
}

impl Clockwork {
    /// What stands in a row.
    pub fn of(row: &Model) -> Self {
        Self {
            card: row.card.clone(),
            anchor: row.anchor_at.map(Timestamp),
            cycle: row.cycle,
            attempts: row.attempts,
            open_invoice: row.open_invoice.clone(),
            noticed: row.noticed_at.map(Timestamp),
            due: row.due_at.map(Timestamp),
        }
    }
}

/// Writes the sandbox's own columns.
///
/// # Errors
/// `NotFound`.
pub async fn wind(tx: &Tx, deed: &Deed, subscription_ref: &str, clockwork: &Clockwork) -> Result<()> {
    let mut row = bind::there(store::by_ref(tx, &deed.room, subscription_ref).await?)?;
    row.card.clone_from(&clockwork.card);
    row.anchor_at = bind::millis(clockwork.anchor);
    (row.cycle, row.attempts) = (clockwork.cycle, clockwork.attempts);
    row.open_invoice.clone_from(&clockwork.open_invoice);
    row.noticed_at = bind::millis(clockwork.noticed);
    row.due_at = bind::millis(clockwork.due).filter(|_| row.closed_at.is_none());
    store::replace(tx, &row).await
}

/// Whether its clockwork still runs.
pub fn is_running(row: &Model) -> bool {
    row.closed_at.is_none() && !matches!(row.status, Status::Canceled | Status::IncompleteExpired)
}

/// Counts a call of the person who asks: at most `calls` in each window of `window_ms`.
///
/// # Errors
/// `RateLimited`, with when to come back.
pub(super) async fn limit(ctx: &Ctx, what: &'static str, calls: u32, window_ms: i64) -> Result<()> {
    let Some(person) = ctx.person_id() else { return Ok(()) };
    // A meter's window is the minute of the moment it is given, so the window's first minute stands for all of it.
    let start = ctx.now.floor(window_ms);
    let key = MeterKey::PersonOp(what, person);
    let counted = ctx.house.actors.meter(key, Limits::per_minute(calls), start).await;
    counted.map(|_| ()).map_err(|mut error| {
        if error.kind() == Kind::RateLimited {
            error.retry_after_s = Some(Timestamp(start.0 + window_ms).seconds_from(ctx.now).max(1));
            let window = match window_ms / MINUTE_MS {
                1 => "minute".to_owned(),
                minutes => format!("{minutes} minutes"),
            };
            error.message = format!("Rate limit exceeded. Maximum {calls} requests per {window}.").into();
            // Texts of the bucket speak of a minute.
            (error.text, error.details) = (None, None);
        }
        error
    })
}

/// What is said of a subscription that is nobody's.
pub(super) fn unknown() -> Error {
    Error::new(Code::NotFound, "No such subscription.")
}
