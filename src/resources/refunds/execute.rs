//! A pending refund is told to its provider; whatever happens on the way, the same refund is told again, never a second one.

use crate::context::{Deed, House};
use crate::domain::{Code, Error, Result};
use crate::payments::Provider;
use crate::payments::types::{MadeRefund, NewRefund, PaymentError};
use crate::resources::sales::refund as sales;
use entities::payment::{self, Provider as Kind};
use entities::refund::Model;

/// Tells the provider of a payment to give back what a refund says.
///
/// # Errors
/// `Malformed` where it refuses, and then the share is free again; `Unavailable` where nobody knows, and then the refund
/// stays pending and is told again by the clock.
pub(super) async fn tell(house: &House, deed: &Deed, refund: &Model, payment: &payment::Model) -> Result<MadeRefund> {
    let provider = provider_of(house, payment).await?;
    let new = NewRefund {
        refund: refund.id,
        intent: payment.intent_ref.as_deref().unwrap_or_default(),
        amount_minor: refund.amount_minor,
        reason: refund.reason.as_deref(),
    };
    let failure = match provider.refund(&new).await {
        Ok(made) if !made.has_failed() => return Ok(made),
        Ok(made) => Error::malformed(format!("The payment provider did not refund: {}", made.status)),
        Err(error @ PaymentError::Refused { .. }) => error.into(),
        Err(error) => return Err(error.into()),
    };
    let (deed, id, text) = (deed.clone(), refund.id, failure.message.to_string());
    house
        .store
        .command(async move |tx| sales::fail(tx, &deed, id, &text).await)
        .await?;
    Err(failure)
}

/// Through whom a payment came, which may not be through whom money moves today.
async fn provider_of(house: &House, payment: &payment::Model) -> Result<Provider> {
    let provider = match payment.provider {
        Kind::Sandbox => return Ok(Provider::Sandbox),
        Kind::Free => return Err(Error::malformed("There was nothing to pay.")),
        Kind::Stripe => house.payments.provider(payment.tenant, payment.mode.into()).await?,
    };
    match provider {
        Provider::Stripe(_) => Ok(provider),
        Provider::Sandbox => Err(Error::new(Code::Unavailable, "No Stripe key is set any more.")),
    }
}
