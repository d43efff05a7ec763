//! The one handler of events: once each, in the transaction of the effect.

use super::store;
use super::types::Outcome;
use crate::context::{Deed, House, Room};
use crate::domain::stripe::{Incoming, Notice};
use crate::domain::{Result, Timestamp};
use crate::resources::sales::{incoming as sales, invoices as periods, types as sold};
use crate::resources::subscriptions::{effects, invoices, types as subscribed};
use crate::store::Tx;
use entities::payment::Provider;
use std::sync::Arc;
use uuid::Uuid;

/// Waiting events that one event can set going.
const WOKEN_MAX: usize = 100;

/// Does an event of a shop; one that was done before does nothing.
///
/// # Errors
/// `Unavailable` where the database is: the event is to come again.
pub async fn handle(house: &Arc<House>, room: &Room, notice: Notice, provider: Provider, now: Timestamp) -> Result<Outcome> {
    let deed = Deed::of_house(house, room.clone(), now);
    let outcome = house
        .store
        .command(async move |tx| handle_in(tx, &deed, &notice, provider).await)
        .await?;
    house.actors.poke_courier();
    Ok(outcome)
}

/// The same inside somebody's command.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn handle_in(tx: &Tx, deed: &Deed, notice: &Notice, provider: Provider) -> Result<Outcome> {
    if !store::remember(tx, deed, notice).await? {
        return Ok(Outcome::Known);
    }
    let outcome = act(tx, deed, notice, provider).await?;
    match outcome {
        Outcome::Waits => store::park(tx, deed, notice).await?,
        Outcome::Done => wake(tx, deed, notice, provider).await?,
        Outcome::Known | Outcome::Misfit(_) => {}
    }
    Ok(outcome)
}

/// Keeps an event whose shop nobody knows yet, as long as it names what may tell.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn keep(house: &Arc<House>, notice: Notice, now: Timestamp) -> Result<Outcome> {
    if store::waits_for(&notice).is_none() {
        return Ok(Outcome::Misfit("no shop is known that it is for"));
    }
    let id = house.ids.uuid(now);
    house
        .store
        .command(async move |tx| store::keep(tx, id, &notice, now).await)
        .await?;
    Ok(Outcome::Waits)
}

/// Does what waited for something that this event has made known, in the order it happened.
async fn wake(tx: &Tx, deed: &Deed, notice: &Notice, provider: Provider) -> Result<()> {
    for name in store::names(&notice.what) {
        for row in store::waiting(tx, deed, &name, WOKEN_MAX).await? {
            let Some(waiting) = store::notice_of(&row) else { continue };
            if act(tx, deed, &waiting, provider).await? != Outcome::Waits {
                store::done(tx, row.id).await?;
            }
        }
    }
    Ok(())
}

/// One arm per kind of event.
async fn act(tx: &Tx, deed: &Deed, notice: &Notice, provider: Provider) -> Result<Outcome> {
    let at = notice.at;
    Ok(match &notice.what {
        Incoming::CheckoutCompleted(seen) if seen.is_subscription => effects::introduced(tx, deed, seen, provider).await?.into(),
        Incoming::CheckoutCompleted(seen) => sales::checkout(tx, deed, seen).await?.into(),
        Incoming::IntentSucceeded(seen) => sales::intent(tx, deed, seen).await?.into(),
        Incoming::Refunded(seen) => sales::refunded(tx, deed, seen).await?.into(),
        Incoming::Disputed(seen) => sales::disputed(tx, deed, seen).await?.into(),
        Incoming::SubscriptionCreated(seen) | Incoming::SubscriptionUpdated(seen) => {
            effects::changed(tx, deed, seen, at, provider).await?.into()
        }
        Incoming::SubscriptionDeleted(seen) => effects::ended(tx, deed, seen, at, provider).await?.into(),
        Incoming::SubscriptionTrialEnding(seen) => effects::trial_ending(tx, deed, seen, provider).await?.into(),
        Incoming::InvoiceUpcoming(seen) => invoices::upcoming(tx, deed, seen, provider).await?.into(),
        Incoming::InvoicePaid(seen) => settle(tx, deed, invoices::paid(tx, deed, seen, at, provider).await?).await?,
        Incoming::InvoiceFailed(seen) => invoices::failed(tx, deed, seen, at, provider).await?.into(),
        Incoming::Ignored => Outcome::Known,
    })
}

/// Books what a paid invoice brought.
async fn settle(tx: &Tx, deed: &Deed, settled: subscribed::Settled) -> Result<Outcome> {
    let charge = match settled {
        subscribed::Settled::Nothing(outcome) => return Ok(outcome.into()),
        subscribed::Settled::Paid(charge) => charge,
    };
    let payment: Uuid = periods::book(tx, deed, &charge).await?;
    invoices::booked(tx, deed, charge.invoice, payment).await?;
    Ok(Outcome::Done)
}

impl From<sold::Outcome> for Outcome {
    fn from(outcome: sold::Outcome) -> Self {
        match outcome {
            sold::Outcome::Done(_) => Self::Done,
            sold::Outcome::Known => Self::Known,
            sold::Outcome::Unknown => Self::Waits,
            sold::Outcome::Misfit(why) => Self::Misfit(why),
        }
    }
}

impl From<subscribed::Outcome> for Outcome {
    fn from(outcome: subscribed::Outcome) -> Self {
        match outcome {
            subscribed::Outcome::Done => Self::Done,
            subscribed::Outcome::Known => Self::Known,
            subscribed::Outcome::Unknown => Self::Waits,
            subscribed::Outcome::Misfit(why) => Self::Misfit(why),
        }
    }
}
