//! What a provider tells of money, put in terms of ours. Each answers what became of it; all are safe to repeat.

use super::refund::{self, Seen};
use super::types::{Outcome, Paid};
use super::{dispute, settle, store};
use crate::context::Deed;
use crate::domain::Result;
use crate::domain::stripe::{CheckoutSeen, DisputeSeen, IntentSeen, META_CHECKOUT, META_REFUND, Metadata, RefundSeen};
use crate::store::Tx;
use uuid::Uuid;

/// A checkout session went through.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn checkout(tx: &Tx, deed: &Deed, seen: &CheckoutSeen) -> Result<Outcome> {
    // A subscription's own events tell the rest; without money there is nothing to give yet.
    if seen.is_subscription || !seen.is_paid {
        return Ok(Outcome::Known);
    }
    let paid = Paid {
        checkout: id_in(&seen.metadata, META_CHECKOUT),
        session_ref: Some(seen.session.clone()),
        intent_ref: seen.intent.clone(),
        charge_ref: None,
        amount_minor: seen.amount_minor,
        tax_minor: seen.tax_minor,
        currency: seen.currency.clone(),
        email: seen.email.clone(),
        name: seen.name.clone(),
        holder: seen.holder.clone(),
        paid_at: deed.now,
    };
    settle::settle(tx, deed, &paid).await
}

/// A payment went through; one of an invoice is told of by the invoice.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn intent(tx: &Tx, deed: &Deed, seen: &IntentSeen) -> Result<Outcome> {
    if seen.invoice.is_some() {
        return Ok(Outcome::Known);
    }
    if let Some(mut known) = store::payment_by_ref(tx, &deed.room, Some(&seen.intent), None).await? {
        if known.charge_ref.is_none() && seen.charge.is_some() {
            known.charge_ref.clone_from(&seen.charge);
            store::replace_payment(tx, &known).await?;
        }
        return Ok(Outcome::Known);
    }
    let paid = Paid {
        checkout: id_in(&seen.metadata, META_CHECKOUT),
        session_ref: None,
        intent_ref: Some(seen.intent.clone()),
        charge_ref: seen.charge.clone(),
        amount_minor: seen.amount_minor,
        tax_minor: None,
        currency: seen.currency.clone(),
        email: seen.email.clone(),
        name: None,
        holder: None,
        paid_at: deed.now,
    };
    settle::settle(tx, deed, &paid).await
}

/// Money went back.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn refunded(tx: &Tx, deed: &Deed, seen: &RefundSeen) -> Result<Outcome> {
    let ours = id_in(&seen.metadata, META_REFUND);
    let payment = store::payment_by_ref(tx, &deed.room, seen.intent.as_deref(), seen.charge.as_deref()).await?;
    let Some(payment) = payment else {
        return Ok(Outcome::Unknown);
    };
    if matches!(seen.status.as_str(), "failed" | "canceled") {
        if let Some(id) = ours {
            refund::fail(tx, deed, id, &seen.status).await?;
        }
        return Ok(Outcome::Known);
    }
    if seen.status != "succeeded" {
        return Ok(Outcome::Known);
    }
    let seen = Seen {
        refund_ref: seen.refund.clone(),
        refund: ours,
        amount_minor: seen.amount_minor,
        total_minor: seen.total_minor,
        reason: seen.reason.clone(),
    };
    refund::seen(tx, deed, payment, &seen).await
}

/// A buyer disputes a payment.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn disputed(tx: &Tx, deed: &Deed, seen: &DisputeSeen) -> Result<Outcome> {
    match store::payment_by_ref(tx, &deed.room, seen.intent.as_deref(), seen.charge.as_deref()).await? {
        Some(payment) => dispute::open(tx, deed, payment, seen.amount_minor).await,
        None => Ok(Outcome::Unknown),
    }
}

fn id_in(metadata: &Metadata, name: &str) -> Option<Uuid> {
    metadata.get(name).and_then(|id| Uuid::parse_str(id).ok())
}
