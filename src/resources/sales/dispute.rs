//! A buyer disputes a payment with the bank.

use super::types::Outcome;
use super::{books, store, tell};
use crate::context::Deed;
use crate::domain::Result;
use crate::resources::access::service as access;
use crate::resources::access::types::Taking;
use crate::resources::customers::service as customers;
use crate::resources::licensing::service::{self as licensing, Taken};
use crate::resources::subscriptions::service as subscriptions;
use crate::store::Tx;
use entities::access::EndReason;
use entities::payment::{self, Status};

/// Takes back what was bought with a payment that is disputed; a second time changes nothing.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn open(tx: &Tx, deed: &Deed, mut payment: payment::Model, amount: i64) -> Result<Outcome> {
    if payment.status != Status::Completed {
        return Ok(Outcome::Known);
    }
    let before = payment.status;
    (payment.status, payment.updated_at) = (Status::Disputed, deed.now.0);
    store::replace_payment(tx, &payment).await?;
    let amount = amount.clamp(0, payment.amount_minor - payment.refunded_minor);
    books::book(tx, deed, &payment, &books::dispute(amount)).await?;
    let taking = Taking {
        cause_id: payment.id,
        reason: EndReason::Dispute,
    };
    access::take(tx, deed, &taking).await?;
    licensing::follow_payment(tx, deed, &payment, Taken::Dispute).await?;
    if let Some(subscription) = payment.subscription {
        subscriptions::money_back(tx, deed, subscription, EndReason::Dispute).await?;
    }
    let customer = customers::find(tx, &deed.room, payment.customer).await?;
    let product = store::product(tx, &deed.room, payment.product).await?;
    if let (Some(customer), Some(product)) = (customer, product) {
        let change = tell::change(&payment, &customer, &product, Some(before));
        tx.emit(deed.event("payment.disputed", "payment_change", &change, vec![product.id])?);
    }
    Ok(Outcome::Done(payment.id))
}
