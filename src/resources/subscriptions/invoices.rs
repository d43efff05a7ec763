//! What a provider tells of invoices: each is settled once, whatever comes twice or late.

use super::bind::{self, Bound, Held, Hint};
use super::types::{Charge, Outcome, Settled};
use super::{effects, rules, store};
use crate::context::Deed;
use crate::domain::stripe::InvoiceSeen;
use crate::domain::{Result, Timestamp};
use crate::resources::licensing::service::{self as licensing, Step};
use crate::store::Tx;
use entities::checkout;
use entities::payment::Provider;
use entities::subscription_invoice::{Model, Status};
use uuid::Uuid;

/// A renewal will be charged in a few days.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn upcoming(tx: &Tx, deed: &Deed, seen: &InvoiceSeen, provider: Provider) -> Result<Outcome> {
    let held = match find(tx, deed, seen, provider).await? {
        Ok(held) => held,
        Err(outcome) => return Ok(outcome),
    };
    if rules::is_over(&held.row) {
        return Ok(Outcome::Known);
    }
    held.subject().upcoming(tx, deed, seen)?;
    Ok(Outcome::Done)
}

/// An invoice was paid: the money is to be booked, and access goes on unless the subscription is over.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn paid(tx: &Tx, deed: &Deed, seen: &InvoiceSeen, at: Timestamp, provider: Provider) -> Result<Settled> {
    let mut held = match find(tx, deed, seen, provider).await? {
        Ok(held) => held,
        Err(outcome) => return Ok(Settled::Nothing(outcome)),
    };
    let Some(invoice_ref) = &seen.invoice else {
        return Ok(Settled::Nothing(Outcome::Misfit("the invoice has no id")));
    };
    if !seen.currency.is_empty() && !seen.currency.eq_ignore_ascii_case(&held.row.currency) {
        return Ok(Settled::Nothing(Outcome::Misfit("the invoice is in another currency")));
    }
    let known = store::invoice(tx, &deed.room, invoice_ref).await?;
    if known.as_ref().is_some_and(|known| known.status == Status::Paid) {
        return Ok(Settled::Nothing(Outcome::Known));
    }
    let paid_at = seen.paid_at.unwrap_or(at);
    let is_new = known.is_none();
    let mut invoice = known.unwrap_or_else(|| row_of(deed, &held, seen, invoice_ref));
    (invoice.status, invoice.paid_at) = (Status::Paid, Some(paid_at.0));
    (invoice.amount_minor, invoice.updated_at) = (seen.paid_minor, deed.now.0);
    store::put_invoice(tx, &invoice, is_new).await?;
    settle(&mut held, seen, at, true);
    // Money that came after the money that went back buys anew.
    held.row.barred_at = held.row.barred_at.filter(|barred| at.0 < barred - barred.rem_euclid(1_000));
    held.row.updated_at = deed.now.0;
    store::replace(tx, &held.row).await?;
    held.subject().paid(tx, deed, seen, paid_at)?;
    if is_enough(&held, seen) {
        effects::follow(tx, deed, &held).await?;
    }
    licensing::follow_subscription(tx, deed, &held.period(step(seen))).await?;
    let beginning = beginning(tx, deed, &held, seen).await?;
    if seen.paid_minor <= 0 && beginning.is_none() {
        return Ok(Settled::Nothing(Outcome::Done));
    }
    let Held { row, customer, product } = *held;
    Ok(Settled::Paid(Box::new(Charge {
        invoice: invoice.id,
        invoice_ref: invoice_ref.clone(),
        intent_ref: seen.intent.clone(),
        charge_ref: seen.charge.clone(),
        amount_minor: seen.paid_minor,
        tax_minor: seen.tax_minor.filter(|tax| (1..=seen.paid_minor).contains(tax)),
        taxes: seen.taxes.clone(),
        currency: row.currency.clone(),
        provider: row.provider,
        beginning,
        paid_at,
        subscription: row,
        customer,
        product,
    })))
}

/// What a paid invoice is to the licence of a subscription: only a whole period lengthens it by as much.
fn step(seen: &InvoiceSeen) -> Step {
    match seen.billing_reason.as_deref() {
        None | Some("subscription_cycle") => Step::Renewed,
        Some(_) => Step::Begun,
    }
}

/// The checkout behind a first invoice, where more was bought with it than the subscription.
async fn beginning(tx: &Tx, deed: &Deed, held: &Held, seen: &InvoiceSeen) -> Result<Option<checkout::Model>> {
    let is_first = seen.billing_reason.as_deref() == Some("subscription_create");
    let checkout = match held.row.checkout.filter(|_| is_first) {
        Some(id) => store::checkout(tx, &deed.room, id).await?,
        None => None,
    };
    Ok(checkout.filter(|checkout| rules::has_more(&checkout.lines.0)))
}

/// Names the payment a paid invoice was booked as.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn booked(tx: &Tx, deed: &Deed, invoice: Uuid, payment: Uuid) -> Result<()> {
    store::set_payment(tx, &deed.room, invoice, payment).await
}

/// An invoice's payment failed, or needs the buyer's doing: what was given stays.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn failed(tx: &Tx, deed: &Deed, seen: &InvoiceSeen, at: Timestamp, provider: Provider) -> Result<Outcome> {
    let mut held = match find(tx, deed, seen, provider).await? {
        Ok(held) => held,
        Err(outcome) => return Ok(outcome),
    };
    let Some(invoice_ref) = &seen.invoice else {
        return Ok(Outcome::Misfit("the invoice has no id"));
    };
    let known = store::invoice(tx, &deed.room, invoice_ref).await?;
    let is_told = known
        .as_ref()
        .is_some_and(|known| known.status == Status::Paid || (seen.attempt_count > 0 && known.attempts >= seen.attempt_count));
    if is_told || held.row.closed_at.is_some() {
        return Ok(Outcome::Known);
    }
    let is_new = known.is_none();
    let mut invoice = known.unwrap_or_else(|| row_of(deed, &held, seen, invoice_ref));
    (invoice.attempts, invoice.updated_at) = (seen.attempt_count.max(invoice.attempts), deed.now.0);
    store::put_invoice(tx, &invoice, is_new).await?;
    settle(&mut held, seen, at, false);
    held.row.updated_at = deed.now.0;
    store::replace(tx, &held.row).await?;
    held.subject().failed(tx, deed, seen)?;
    Ok(Outcome::Done)
}

/// The subscription an invoice is of; an invoice of none is nothing to us.
async fn find(tx: &Tx, deed: &Deed, seen: &InvoiceSeen, provider: Provider) -> Result<std::result::Result<Box<Held>, Outcome>> {
    let Some(subscription) = &seen.subscription else {
        return Ok(Err(Outcome::Known));
    };
    Ok(
        match bind::bind(tx, deed, Hint::of_invoice(seen, subscription, provider)).await? {
            Bound::Held(held) => Ok(held),
            Bound::Unknown => Err(Outcome::Unknown),
            Bound::Misfit(why) => Err(Outcome::Misfit(why)),
        },
    )
}

/// What an invoice tells of its subscription.
fn settle(held: &mut Held, seen: &InvoiceSeen, at: Timestamp, is_paid: bool) {
    let row = &mut held.row;
    if rules::is_over(row) {
        return;
    }
    if at.0 >= row.status_at {
        let status = rules::after_invoice(row.status, is_paid);
        if status != row.status {
            (row.status, row.status_at) = (status, at.0);
        }
    }
    row.latest_invoice = seen.invoice.clone().or(row.latest_invoice.take());
    let is_later = bind::millis(seen.period_end).is_some_and(|end| row.period_end_at.is_none_or(|known| end > known));
    if is_later {
        row.period_start_at = bind::millis(seen.period_start);
        row.period_end_at = bind::millis(seen.period_end);
    }
}

/// Whether what was paid is what a period costs; nothing at all is paid for a trial, and part of it after a change.
fn is_enough(held: &Held, seen: &InvoiceSeen) -> bool {
    let reason = seen.billing_reason.as_deref().unwrap_or("subscription_cycle");
    let is_whole_period = matches!(reason, "subscription_create" | "subscription_cycle");
    !is_whole_period || seen.total_minor <= 0 || seen.total_minor >= held.row.price_minor
}

fn row_of(deed: &Deed, held: &Held, seen: &InvoiceSeen, invoice_ref: &str) -> Model {
    Model {
        id: deed.id(),
        tenant: deed.room.tenant,
        mode: deed.room.mode.into(),
        subscription: held.row.id,
        invoice_ref: invoice_ref.to_owned(),
        status: Status::Open,
        amount_minor: seen.due_minor,
        currency: held.row.currency.clone(),
        billing_reason: seen.billing_reason.clone(),
        attempts: 0,
        payment: None,
        period_start_at: bind::millis(seen.period_start),
        period_end_at: bind::millis(seen.period_end),
        paid_at: None,
        created_at: deed.now.0,
        updated_at: deed.now.0,
    }
}
