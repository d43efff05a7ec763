//! What a provider tells of money, put in terms of ours. Each answers what became of it; all are safe to repeat.

use super::refund::{self, Seen};
use super::types::{Outcome, Paid};
use super::{dispute, places, settle, store};
use crate::context::Deed;
use crate::domain::stripe::{
    CheckoutSeen, DisputeSeen, IntentSeen, META_CHECKOUT, META_EMAIL, META_PRODUCT, META_REFUND, META_USER, Metadata, RefundSeen,
};
use crate::domain::time::DAY_MS;
use crate::domain::{Code, Result, Timestamp};
use crate::resources::coupons::service::uses as coupons;
use crate::resources::coupons::types::Hold;
use crate::resources::licensing::service::{self as licensing, Taken, Terms};
use crate::store::Tx;
use uuid::Uuid;

/// Longest address, in characters.
const EMAIL_MAX: usize = 254;

/// How long the money of a slow method may take: bank debits are sure after two weeks at most.
const SLOW_MS: i64 = 15 * DAY_MS;

/// A checkout session went through.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn checkout(tx: &Tx, deed: &Deed, seen: &CheckoutSeen) -> Result<Outcome> {
    // A subscription's own events tell the rest.
    if seen.is_subscription {
        return Ok(Outcome::Known);
    }
    // Without money there is nothing to give yet, but the buyer has agreed.
    if !seen.is_paid {
        return wait_for_money(tx, deed, seen).await;
    }
    let paid = Paid {
        checkout: id_in(&seen.metadata, META_CHECKOUT),
        product: id_in(&seen.metadata, META_PRODUCT),
        user: id_in(&seen.metadata, META_USER),
        session_ref: Some(seen.session.clone()),
        intent_ref: seen.intent.clone(),
        charge_ref: None,
        amount_minor: seen.amount_minor,
        tax_minor: seen.tax_minor,
        discount_minor: seen.discount_minor,
        custom_fields: seen.custom_fields.clone(),
        currency: seen.currency.clone(),
        email: seen.email.clone().or_else(|| address_in(&seen.metadata)),
        name: seen.name.clone(),
        holder: seen.holder.clone(),
        terms: Terms::told(&seen.metadata),
        paid_at: deed.now,
    };
    settle::settle(tx, deed, &paid).await
}

/// Keeps what was agreed on while the money of a slow method is under way: the checkout, a place at a sale price, a coupon's
/// use.
async fn wait_for_money(tx: &Tx, deed: &Deed, seen: &CheckoutSeen) -> Result<Outcome> {
    let id = id_in(&seen.metadata, META_CHECKOUT);
    let Some(mut row) = settle::find_checkout(tx, deed, id, Some(&seen.session)).await? else {
        return Ok(Outcome::Known);
    };
    if row.payment.is_some() {
        return Ok(Outcome::Known);
    }
    let until = Timestamp(deed.now.0 + SLOW_MS);
    row.expires_at = row.expires_at.max(until.0);
    row.updated_at = deed.now.0;
    store::replace_checkout(tx, &row).await?;
    places::prolong(tx, &deed.room, row.id, until).await?;
    if let Some(hold) = Hold::of(&row, seen.email.as_deref(), until) {
        match coupons::hold(tx, deed, &hold).await {
            Err(error) if error.code != Code::Validation => return Err(error),
            _ => {}
        }
    }
    Ok(Outcome::Known)
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
        product: id_in(&seen.metadata, META_PRODUCT),
        user: id_in(&seen.metadata, META_USER),
        session_ref: None,
        intent_ref: Some(seen.intent.clone()),
        charge_ref: seen.charge.clone(),
        amount_minor: seen.amount_minor,
        currency: seen.currency.clone(),
        email: seen.email.clone().or_else(|| address_in(&seen.metadata)),
        terms: Terms::told(&seen.metadata),
        paid_at: deed.now,
        ..Paid::default()
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
        if !seen.is_whole() {
            return Ok(Outcome::Unknown);
        }
        return elsewhere(tx, deed, [&seen.intent, &seen.charge], Taken::Refund).await;
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
        None => elsewhere(tx, deed, [&seen.intent, &seen.charge], Taken::Dispute).await,
    }
}

/// Money went back of what was sold elsewhere: licences may have been made for it under the provider's names.
async fn elsewhere(tx: &Tx, deed: &Deed, names: [&Option<String>; 2], taken: Taken) -> Result<Outcome> {
    let names: Vec<String> = names.into_iter().flatten().cloned().collect();
    let withdrawn = licensing::follow_purchase(tx, deed, &names, taken).await?;
    Ok(withdrawn.map_or(Outcome::Unknown, Outcome::Done))
}

fn address_in(metadata: &Metadata) -> Option<String> {
    let email = metadata.get(META_EMAIL)?.trim().to_lowercase();
    (email.contains('@') && email.chars().count() <= EMAIL_MAX).then_some(email)
}

fn id_in(metadata: &Metadata, name: &str) -> Option<Uuid> {
    metadata.get(name).and_then(|id| Uuid::parse_str(id).ok())
}
