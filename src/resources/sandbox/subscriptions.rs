//! Subscriptions of the sandbox: the row is the subscription, and its clockwork says what Stripe would say, to the same
//! handler. What is due when stands in `subscriptions::calendar`.

use super::bills::{bill, paid, tax_of, with_beside};
use super::service::Card;
use crate::context::{Deed, House, Room};
use crate::domain::stripe::shapes;
use crate::domain::stripe::{CheckoutSeen, InvoiceSeen, Notice, PriceSeen, SubscriptionSeen};
use crate::domain::time::DAY_MS;
use crate::domain::{Error, Result, Timestamp};
use crate::resources::products::service as products;
use crate::resources::sales::goods::Goods;
use crate::resources::sales::types::Line;
use crate::resources::stripe::service as stripe;
use crate::resources::subscriptions::calendar::{self, State, Step};
use crate::resources::subscriptions::service::{self, Clockwork, whole_second};
use crate::store::Tx;
use entities::payment::Provider;
use entities::product;
use entities::subscription::{Model, Status};
use serde_json::{Map, Value};
use std::sync::Arc;
use uuid::Uuid;

/// A subscription to begin.
pub(super) struct Beginning<'a> {
    /// The checkout that sold it.
    pub checkout: &'a entities::checkout::Model,
    /// What the checkout tells.
    pub seen: CheckoutSeen,
    /// To what.
    pub product: &'a product::Model,
    /// What a period costs.
    pub price_minor: i64,
    /// What was bought along with it, which is paid once, with the first period.
    pub beside: Vec<Line>,
    /// The card.
    pub card: Card,
}

/// The sandbox's name for the subscription that a checkout sells: there is one.
pub(super) fn name_of(checkout: Uuid) -> String {
    format!("sub_test_{}", checkout.simple())
}

/// Begins a subscription: its session, its own beginning, and the first period's invoice, which costs nothing in a trial;
/// answers the payment of that one. A second time it does nothing.
pub(super) async fn begin(house: &Arc<House>, room: &Room, beginning: Beginning<'_>, now: Timestamp) -> Result<String> {
    let deed = Deed::of_house(house, room.clone(), now);
    let name = name_of(beginning.checkout.id);
    let start = whole_second(now);
    let goods = Goods(beginning.product);
    let (interval, count) = goods.interval();
    let trial_end = (goods.trial_days() > 0).then(|| Timestamp(start.0 + goods.trial_days() * DAY_MS));
    let end = trial_end.unwrap_or_else(|| calendar::after(start, interval, count));
    let (customer, invoice) = (name_as("cus", beginning.checkout.id), name_as("in", deed.id()));
    let subscription = SubscriptionSeen {
        subscription: name.clone(),
        customer: Some(customer.clone()),
        status: if trial_end.is_some() { "trialing" } else { "active" }.to_owned(),
        price: PriceSeen {
            price: Some(name_as("price", beginning.product.id)),
            amount_minor: Some(beginning.price_minor),
            currency: Some(beginning.checkout.currency.clone()),
            interval: Some(interval.to_owned()),
            interval_count: Some(count),
        },
        trial_end,
        period_start: Some(start),
        period_end: Some(end),
        latest_invoice: Some(invoice.clone()),
        metadata: beginning.seen.metadata.clone(),
        ..SubscriptionSeen::default()
    };
    let period = if trial_end.is_some() { 0 } else { beginning.price_minor };
    let (amount, taxes) = with_beside(period, tax_of(beginning.product, period), &beginning.beside);
    let mut first = bill(&deed, &subscription, (&invoice, amount), "subscription_create");
    first.email.clone_from(&beginning.seen.email);
    let paid = paid(first, taxes, start);
    let intent = paid.intent.clone().unwrap_or_default();
    let session = CheckoutSeen {
        subscription: Some(name.clone()),
        customer: Some(customer),
        intent: None,
        ..beginning.seen
    };
    let clockwork = wound(beginning.card, trial_end, start);
    house
        .store
        .command(async move |tx| {
            if service::find(tx, &deed.room, &name).await?.is_some() {
                return Ok(());
            }
            let (deed, at) = (&deed, start);
            let say = Saying { tx, deed, at };
            say.that("checkout.session.completed", shapes::checkout(&session)).await?;
            say.that("customer.subscription.created", shapes::subscription(&subscription))
                .await?;
            say.that("invoice.paid", shapes::invoice(&paid)).await?;
            rewind(tx, deed, &name, clockwork.clone()).await
        })
        .await?;
    house.actors.poke_courier();
    Ok(intent)
}

/// An id as Stripe writes it.
fn name_as(kind: &str, id: Uuid) -> String {
    format!("{kind}_test_{}", id.simple())
}

/// The clockwork of a subscription that begins.
fn wound(card: Card, trial_end: Option<Timestamp>, start: Timestamp) -> Clockwork {
    Clockwork {
        card: Some(card.number().to_owned()),
        anchor: Some(trial_end.unwrap_or(start)),
        cycle: i64::from(trial_end.is_none()),
        attempts: 0,
        open_invoice: None,
        noticed: None,
        due: None,
    }
}

/// Does what is due with a subscription; answers whether anything was.
pub(super) async fn turn(house: &Arc<House>, row: &Model, now: Timestamp) -> Result<bool> {
    let Some(room) = Room::find(house.store.read(), row.tenant, row.mode).await? else {
        return Ok(false);
    };
    let deed = Deed::of_house(house, room, now);
    let name = row.subscription_ref.clone();
    let turned = house
        .store
        .command(async move |tx| {
            let row = service::find(tx, &deed.room, &name).await?;
            let Some(row) = row.filter(|row| row.due_at.is_some_and(|due| due <= deed.now.0)) else {
                return Ok(false);
            };
            let (at, step) = state(&row).next();
            let mut clockwork = Clockwork::of(&row);
            let is_due = at <= deed.now;
            if is_due {
                step_of(tx, &deed, &row, (step, at), &mut clockwork).await?;
            }
            rewind(tx, &deed, &name, clockwork).await?;
            Ok(is_due)
        })
        .await?;
    house.actors.poke_courier();
    Ok(turned)
}

/// Gives a subscription another card; what is owed is charged to it at once.
pub(super) async fn change_card(house: &Arc<House>, row: &Model, card: Card, now: Timestamp) -> Result<()> {
    let room = Room::find(house.store.read(), row.tenant, row.mode).await?;
    let deed = Deed::of_house(house, room.ok_or_else(|| Error::not_found("subscription"))?, now);
    let name = row.subscription_ref.clone();
    house
        .store
        .command(async move |tx| {
            let row = service::find(tx, &deed.room, &name).await?;
            let row = row.ok_or_else(|| Error::not_found("subscription"))?;
            let mut clockwork = Clockwork::of(&row);
            clockwork.card = Some(card.number().to_owned());
            let owes = matches!(row.status, Status::PastDue | Status::Unpaid) && row.open_invoice.is_some();
            if owes && card.renews() {
                let row = Model {
                    card: clockwork.card.clone(),
                    ..row
                };
                step_of(tx, &deed, &row, (Step::Retry, deed.now), &mut clockwork).await?;
            }
            rewind(tx, &deed, &name, clockwork).await
        })
        .await?;
    house.actors.poke_courier();
    Ok(())
}

fn state(row: &Model) -> State {
    State {
        status: row.status,
        period_start: Timestamp(row.period_start_at.unwrap_or(row.created_at)),
        period_end: Timestamp(row.period_end_at.unwrap_or(row.created_at)),
        ends: row.cancel_at_period_end,
        attempts: row.attempts,
        noticed: row.noticed_at.map(Timestamp),
    }
}

/// Winds the clockwork up to the next thing that is due.
async fn rewind(tx: &Tx, deed: &Deed, name: &str, mut clockwork: Clockwork) -> Result<()> {
    let row = service::find(tx, &deed.room, name).await?;
    let row = row.ok_or_else(|| Error::not_found("subscription"))?;
    let state = State {
        attempts: clockwork.attempts,
        noticed: clockwork.noticed,
        ..state(&row)
    };
    clockwork.due = service::is_running(&row).then(|| state.next().0);
    service::wind(tx, deed, name, &clockwork).await
}

async fn step_of(tx: &Tx, deed: &Deed, row: &Model, (step, at): (Step, Timestamp), clockwork: &mut Clockwork) -> Result<()> {
    // Never before what was said last, or it would count as old.
    let at = whole_second(at.max(Timestamp(row.state_at)).max(Timestamp(row.status_at)));
    let say = Saying { tx, deed, at };
    let mut seen = service::seen_of(row);
    match step {
        Step::TrialNotice => {
            clockwork.noticed = Some(state(row).noticed_after(step));
            say.that("customer.subscription.trial_will_end", shapes::subscription(&seen))
                .await
        }
        Step::RenewalNotice => {
            clockwork.noticed = Some(state(row).noticed_after(step));
            let mut invoice = bill(deed, &seen, ("", row.price_minor), "upcoming");
            (invoice.invoice, invoice.next_attempt) = (None, seen.period_end);
            say.that("invoice.upcoming", shapes::invoice(&invoice)).await
        }
        Step::PeriodEnd if row.cancel_at_period_end || !matches!(row.status, Status::Active | Status::Trialing) => {
            seen.status = "canceled".to_owned();
            (seen.ended_at, seen.canceled_at) = (Some(at), seen.canceled_at.or(Some(at)));
            say.that("customer.subscription.deleted", shapes::subscription(&seen)).await
        }
        Step::PeriodEnd => renew(&say, row, seen, clockwork).await,
        Step::Retry => retry(&say, row, seen, clockwork).await,
    }
}

/// Begins the next period and charges it.
async fn renew(say: &Saying<'_>, row: &Model, mut seen: SubscriptionSeen, clockwork: &mut Clockwork) -> Result<()> {
    let start = state(row).period_end;
    let anchor = clockwork.anchor.unwrap_or(start);
    let periods = (clockwork.cycle + 1).saturating_mul(row.billing_interval_count);
    let end = calendar::after(anchor, &row.billing_interval, periods);
    let invoice = format!("in_test_{}", say.deed.id().simple());
    let is_paid = Card::read(row.card.as_deref().unwrap_or_default()).renews();
    let mut previous = previous(&[
        ("current_period_start", seen.period_start),
        ("current_period_end", seen.period_end),
    ]);
    let status = if is_paid { "active" } else { "past_due" };
    if seen.status != status {
        previous.insert("status".to_owned(), seen.status.clone().into());
    }
    seen.status = status.to_owned();
    (seen.period_start, seen.period_end) = (Some(start), Some(end));
    seen.latest_invoice = Some(invoice.clone());
    clockwork.cycle += 1;
    clockwork.attempts = i64::from(!is_paid);
    clockwork.open_invoice = (!is_paid).then(|| invoice.clone());
    let bill = bill(say.deed, &seen, (&invoice, row.price_minor), "subscription_cycle");
    say.that_it_changed(&seen, &previous).await?;
    match is_paid {
        true => say.that_it_was_paid(bill, row).await,
        false => {
            say.that_it_failed(bill, retry_at(row, &seen, clockwork.attempts), clockwork.attempts)
                .await
        }
    }
}

/// Tries once more to charge what is owed.
async fn retry(say: &Saying<'_>, row: &Model, mut seen: SubscriptionSeen, clockwork: &mut Clockwork) -> Result<()> {
    let Some(invoice) = clockwork.open_invoice.clone() else {
        clockwork.attempts = 0;
        return Ok(());
    };
    let bill = bill(say.deed, &seen, (&invoice, row.price_minor), "subscription_cycle");
    let was = seen.status.clone();
    let is_paid = Card::read(row.card.as_deref().unwrap_or_default()).renews();
    if is_paid {
        (clockwork.attempts, clockwork.open_invoice) = (0, None);
        say.that_it_was_paid(bill, row).await?;
        seen.status = "active".to_owned();
    } else {
        clockwork.attempts += 1;
        let next = retry_at(row, &seen, clockwork.attempts);
        say.that_it_failed(bill, next, clockwork.attempts).await?;
        if next.is_some() {
            return Ok(());
        }
        seen.status = "unpaid".to_owned();
    }
    let previous = [("status".to_owned(), Value::String(was))].into_iter().collect();
    say.that_it_changed(&seen, &previous).await
}

fn retry_at(row: &Model, seen: &SubscriptionSeen, attempts: i64) -> Option<Timestamp> {
    let state = State {
        period_start: seen.period_start.unwrap_or_default(),
        period_end: seen.period_end.unwrap_or_default(),
        attempts,
        ..state(row)
    };
    state.retry_at()
}

fn previous(moments: &[(&str, Option<Timestamp>)]) -> Map<String, Value> {
    let seconds = |at: Option<Timestamp>| at.map(Timestamp::seconds).into();
    moments.iter().map(|(name, at)| ((*name).to_owned(), seconds(*at))).collect()
}

/// Tells the handler of Stripe's events, within one command.
struct Saying<'a> {
    tx: &'a Tx,
    deed: &'a Deed,
    at: Timestamp,
}

impl Saying<'_> {
    async fn that(&self, name: &str, object: Value) -> Result<()> {
        self.event(name, object, &Map::new()).await
    }

    async fn event(&self, name: &str, object: Value, previous: &Map<String, Value>) -> Result<()> {
        let id = format!("evt_test_{}", self.deed.id().simple());
        let event = shapes::changed(&id, name, self.at, object, previous);
        let notice = Notice::of(&event).map_err(Error::internal)?;
        stripe::handle_in(self.tx, self.deed, &notice, Provider::Sandbox)
            .await
            .map(|_| ())
    }

    async fn that_it_changed(&self, seen: &SubscriptionSeen, previous: &Map<String, Value>) -> Result<()> {
        self.event("customer.subscription.updated", shapes::subscription(seen), previous)
            .await
    }

    async fn that_it_was_paid(&self, bill: InvoiceSeen, row: &Model) -> Result<()> {
        let shop = products::shop_of(self.tx, row.product).await?;
        let tax = shop.and_then(|(_, product)| tax_of(&product, bill.total_minor));
        self.that(
            "invoice.paid",
            shapes::invoice(&paid(bill, tax.into_iter().collect(), self.at)),
        )
        .await
    }

    async fn that_it_failed(&self, bill: InvoiceSeen, next: Option<Timestamp>, attempts: i64) -> Result<()> {
        let bill = InvoiceSeen {
            attempt_count: attempts,
            next_attempt: next,
            ..bill
        };
        self.that("invoice.payment_failed", shapes::invoice(&bill)).await
    }
}
