//! Money goes back, in part or in full, from whichever side it is begun.
//!
//! A refund is first written as pending, which holds its share, then the provider is told under the refund's id, then it is
//! completed. What is pending and what went back never exceed what was paid, however many ask at once.

use super::types::{Outcome, Returned, ReturnedStep};
use super::{books, letters, store, tax, tell};
use crate::context::Deed;
use crate::domain::{Code, Error, Result, Timestamp};
use crate::resources::access::service as access;
use crate::resources::access::types::Taking;
use crate::resources::customers::service as customers;
use crate::resources::licensing::service::{self as licensing, Taken};
use crate::resources::orders::service as orders;
use crate::resources::products::service as products;
use crate::resources::subscriptions::service as subscriptions;
use crate::store::Tx;
use entities::access::EndReason;
use entities::payment::{self, Status as PaymentStatus};
use entities::refund::{Model, Source, Status};
use serde_json::json;
use uuid::Uuid;

/// What is asked to be given back.
#[derive(Clone, Debug)]
pub struct Wish {
    /// Of which payment.
    pub payment: Uuid,
    /// How much; `None` is what is left.
    pub amount_minor: Option<i64>,
    /// `duplicate`, `fraudulent`, `requested_by_customer`.
    pub reason: Option<String>,
    /// By which way.
    pub source: Source,
    /// The request that is granted.
    pub request: Option<Uuid>,
}

/// Writes a pending refund, which holds its share of the payment.
///
/// # Errors
/// `NotFound`; `Malformed` where the payment gives no such amount back; `Conflict` where what is left is on its way back.
pub async fn begin(tx: &Tx, deed: &Deed, wish: &Wish) -> Result<(Model, payment::Model)> {
    let payment = store::payment(tx, &deed.room, wish.payment).await?;
    let payment = payment.ok_or_else(|| Error::not_found("payment"))?;
    if payment.status != PaymentStatus::Completed || payment.intent_ref.is_none() {
        return Err(Error::malformed("Only a completed payment can be refunded."));
    }
    let held = pending(&store::refunds(tx, &deed.room, payment.id).await?);
    let left = payment.amount_minor - payment.refunded_minor - held;
    let amount = wish.amount_minor.unwrap_or(left);
    if held > 0 && (amount > left || left == 0) && amount <= left + held {
        return Err(Error::new(Code::Conflict, "A refund of this payment is under way."));
    }
    if amount <= 0 || amount > left {
        return Err(Error::malformed("The amount is more than what is left of the payment.").with_details(json!({"left": left})));
    }
    let row = Model {
        id: deed.id(),
        tenant: deed.room.tenant,
        mode: deed.room.mode.into(),
        payment: payment.id,
        amount_minor: amount,
        currency: payment.currency.clone(),
        status: Status::Pending,
        reason: wish.reason.clone(),
        source: wish.source,
        provider_ref: None,
        actor: deed.actor.clone(),
        request: wish.request,
        failure: None,
        created_at: deed.now.0,
        completed_at: None,
    };
    store::insert_refund(tx, &row).await?;
    Ok((row, payment))
}

fn pending(refunds: &[Model]) -> i64 {
    let pending = refunds.iter().filter(|refund| refund.status == Status::Pending);
    pending.map(|refund| refund.amount_minor).sum()
}

/// The provider refused: the share is free again.
///
/// # Errors
/// `NotFound`.
pub async fn fail(tx: &Tx, deed: &Deed, id: Uuid, failure: &str) -> Result<()> {
    let mut row = store::refund(tx, &deed.room, id)
        .await?
        .ok_or_else(|| Error::not_found("refund"))?;
    if row.status == Status::Pending {
        (row.status, row.failure, row.completed_at) = (Status::Failed, Some(failure.to_owned()), Some(deed.now.0));
        store::replace_refund(tx, &row).await?;
    }
    Ok(())
}

/// The money went back: takes back what was bought once nothing of the price is left. A second time changes nothing.
///
/// # Errors
/// `NotFound`; `Conflict` where the payment changed meanwhile.
pub async fn complete(tx: &Tx, deed: &Deed, id: Uuid, provider_ref: Option<&str>) -> Result<(Model, payment::Model)> {
    let mut row = store::refund(tx, &deed.room, id)
        .await?
        .ok_or_else(|| Error::not_found("refund"))?;
    let payment = store::payment(tx, &deed.room, row.payment).await?;
    let payment = payment.ok_or_else(|| Error::not_found("payment"))?;
    if row.status == Status::Succeeded {
        return Ok((row, payment));
    }
    if payment.refunded_minor + row.amount_minor > payment.amount_minor {
        return Err(Error::new(Code::Conflict, "The payment changed meanwhile."));
    }
    row.status = Status::Succeeded;
    row.provider_ref = row.provider_ref.or_else(|| provider_ref.map(str::to_owned));
    row.completed_at = Some(deed.now.0);
    store::replace_refund(tx, &row).await?;
    let payment = give_back(tx, deed, payment, &row).await?;
    Ok((row, payment))
}

/// What a provider tells of refunds: one refund, or all that went back of a payment.
#[derive(Clone, Debug)]
pub struct Seen {
    /// `re_…`.
    pub refund_ref: Option<String>,
    /// Our refund, where we began it.
    pub refund: Option<Uuid>,
    /// What this refund gives back.
    pub amount_minor: Option<i64>,
    /// All that went back.
    pub total_minor: Option<i64>,
    /// Why.
    pub reason: Option<String>,
}

/// Brings a payment in line with what the provider says went back; a smaller total than known is old news.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn seen(tx: &Tx, deed: &Deed, payment: payment::Model, seen: &Seen) -> Result<Outcome> {
    let refunds = store::refunds(tx, &deed.room, payment.id).await?;
    let named = refunds.iter().find(|refund| {
        Some(refund.id) == seen.refund || (refund.provider_ref.is_some() && refund.provider_ref == seen.refund_ref)
    });
    if let Some(known) = named {
        if known.status == Status::Succeeded {
            return Ok(Outcome::Known);
        }
        let (done, _) = complete(tx, deed, known.id, seen.refund_ref.as_deref()).await?;
        return Ok(Outcome::Done(done.id));
    }
    let left = payment.amount_minor - payment.refunded_minor;
    let rise = match (seen.total_minor, seen.amount_minor) {
        (Some(total), _) => total - payment.refunded_minor,
        (None, Some(amount)) => amount,
        (None, None) => 0,
    };
    if rise <= 0 {
        return Ok(Outcome::Known);
    }
    // One of ours whose answer is still on its way.
    if let Some(ours) = refunds
        .iter()
        .find(|refund| refund.status == Status::Pending && refund.amount_minor == rise)
    {
        let (done, _) = complete(tx, deed, ours.id, seen.refund_ref.as_deref()).await?;
        return Ok(Outcome::Done(done.id));
    }
    let row = Model {
        id: deed.id(),
        tenant: deed.room.tenant,
        mode: deed.room.mode.into(),
        payment: payment.id,
        amount_minor: rise.min(left),
        currency: payment.currency.clone(),
        status: Status::Succeeded,
        reason: seen.reason.clone(),
        source: Source::StripeWebhook,
        provider_ref: seen.refund_ref.clone(),
        actor: None,
        request: None,
        failure: None,
        created_at: deed.now.0,
        completed_at: Some(deed.now.0),
    };
    if row.amount_minor <= 0 {
        return Ok(Outcome::Known);
    }
    store::insert_refund(tx, &row).await?;
    give_back(tx, deed, payment, &row).await?;
    Ok(Outcome::Done(row.id))
}

async fn give_back(tx: &Tx, deed: &Deed, mut payment: payment::Model, row: &Model) -> Result<payment::Model> {
    let before = payment.status;
    let refunded_before = payment.refunded_minor;
    payment.refunded_minor += row.amount_minor;
    let is_full = payment.refunded_minor >= payment.amount_minor;
    if is_full && payment.status == PaymentStatus::Completed {
        payment.status = PaymentStatus::Refunded;
        products::count_sales(tx, &deed.room, payment.product, -1).await?;
    }
    (payment.refunded_at, payment.updated_at) = (Some(deed.now.0), deed.now.0);
    payment.refund_reason = row.reason.clone().or(payment.refund_reason);
    payment.refunded_by = row.actor.clone().or(payment.refunded_by);
    store::replace_payment(tx, &payment).await?;
    let tax = payment
        .tax_total_minor
        .map(|tax| books::tax_of_step(payment.amount_minor, tax, refunded_before, payment.refunded_minor));
    books::book(tx, deed, &payment, &books::refund(row.amount_minor, tax.unwrap_or(0))).await?;
    if is_full {
        let taking = Taking {
            cause_id: payment.id,
            reason: EndReason::Refund,
        };
        access::take(tx, deed, &taking).await?;
        licensing::follow_payment(tx, deed, &payment, Taken::Refund).await?;
        if let Some(subscription) = payment.subscription {
            subscriptions::money_back(tx, deed, subscription, EndReason::Refund).await?;
        }
    }
    // A part is told, too: whoever keeps books by these events sees every step.
    orders::tell(tx, deed, "order.refunded", &payment).await?;
    let customer = customers::find(tx, &deed.room, payment.customer).await?;
    let product = store::product(tx, &deed.room, payment.product).await?;
    if let (Some(customer), Some(product)) = (customer, product) {
        let returned = Returned {
            customer: (&customer).into(),
            product: (&product).into(),
            payment: tell::brief(&payment, Some(before)),
            refund: ReturnedStep {
                tax: tax::returned(&store::payment_lines(tx, &deed.room, payment.id).await?).filter(|_| tax.is_some()),
                ..step(&payment, row, is_full, tax)
            },
        };
        let products = vec![product.id];
        tx.emit(deed.event("refund.issued", "refund", &returned, products.clone())?);
        let change = tell::change(&payment, &customer, &product, Some(before));
        tx.emit(deed.event("payment.refunded", "payment_change", &change, products.clone())?);
        let purchase = json!({
            "customer": returned.customer, "product": returned.product,
            "order": tell::order(&payment), "refund": returned.refund,
        });
        tx.emit(deed.event("purchase.refunded", "purchase_refund", &purchase, products)?);
        letters::refunded(tx, deed, &payment, &customer, row.amount_minor).await?;
    }
    Ok(payment)
}

fn step(payment: &payment::Model, row: &Model, is_full: bool, tax: Option<i64>) -> ReturnedStep {
    ReturnedStep {
        stripe_refund_id: row.provider_ref.clone(),
        amount_minor: row.amount_minor,
        currency: row.currency.clone(),
        reason: row.reason.clone(),
        status: "succeeded",
        is_full_refund: is_full,
        total_refunded_minor: payment.refunded_minor,
        refunded_at: Timestamp(row.completed_at.unwrap_or(row.created_at)),
        source: row.source.name(),
        initiated_by_admin_id: row
            .actor
            .as_deref()
            .and_then(|actor| actor.strip_prefix("person:"))
            .map(str::to_owned),
        refund_request_id: row.request,
        net_minor: tax.map(|tax| row.amount_minor - tax),
        tax_minor: tax,
        tax: None,
    }
}
