//! The payments port: through whom money moves. Below the slices, beside the store.
//!
//! [`Payments`] is made once and knows for each tenant and mode which [`Provider`] serves it: Stripe with the tenant's own
//! secret or the environment's, else the sandbox, which test data always has. A provider is told what to do by `types`;
//! `bodies` writes what Stripe is sent, `client` sends it. Nothing here touches goods or books: what a provider did comes
//! back as events, and one handler takes those of both.

mod bodies;
pub mod client;
mod secrets;
pub mod types;

pub use secrets::{SUBJECT, Secrets};

use self::client::{Client, Stripe};
use self::types::{MadeRefund, NewCheckout, NewRefund, Opened, PaymentError};
use crate::domain::seal::Sealer;
use crate::domain::stripe::SubscriptionSeen;
use crate::domain::{Mode, Result};
use crate::store::Store;
use entities::payment::Provider as Kind;
use secrecy::SecretString;
use std::fmt;
use std::time::Duration;
use uuid::Uuid;

/// What a call to Stripe may take in all: longer than its slowest usual answer, shorter than a buyer's patience.
pub const DEADLINE: Duration = Duration::from_secs(10);

/// What the port is built of.
pub struct Options {
    /// Base of Stripe's API, used as `{base}/v1/…`.
    pub base: String,
    /// The environment's key, for tenants that set none.
    pub secret_key: Option<SecretString>,
    /// The environment's secret of what Stripe posts.
    pub webhook_secret: Option<SecretString>,
    /// What a call may take.
    pub deadline: Duration,
}

/// The port, shared by all.
#[derive(Clone)]
pub struct Payments {
    store: Store,
    sealer: Sealer,
    client: Client,
    secret_key: Option<SecretString>,
    webhook_secret: Option<SecretString>,
}

impl fmt::Debug for Payments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Payments")
            .field("client", &self.client)
            .finish_non_exhaustive()
    }
}

impl Payments {
    /// Builds the port; the error's text names what is wrong with the machine.
    pub fn new(store: Store, sealer: Sealer, options: Options) -> std::result::Result<Self, String> {
        Ok(Self {
            store,
            sealer,
            client: Client::new(options.base, options.deadline)?,
            secret_key: options.secret_key,
            webhook_secret: options.webhook_secret,
        })
    }

    /// Through whom a tenant's money moves: test data always through the sandbox.
    ///
    /// # Errors
    /// `Unavailable` where the database is; `Internal` where the tenant's secret does not open.
    pub async fn provider(&self, tenant: Uuid, mode: Mode) -> Result<Provider> {
        if mode == Mode::Test {
            return Ok(Provider::Sandbox);
        }
        let own = Secrets::read(&self.store, &self.sealer, tenant).await?.secret_key;
        Ok(match own.or_else(|| self.secret_key.clone()) {
            Some(secret) => Provider::Stripe(self.client.account(secret)),
            None => Provider::Sandbox,
        })
    }

    /// The secrets that sign what Stripe posts to a tenant's own route: his, else the environment's.
    ///
    /// # Errors
    /// As [`Payments::provider`].
    pub async fn hook_secret(&self, tenant: Uuid) -> Result<Option<SecretString>> {
        let own = Secrets::read(&self.store, &self.sealer, tenant).await?.webhook_secret;
        Ok(own.or_else(|| self.webhook_secret.clone()))
    }

    /// The key that a tenant's pages show Stripe, where he has set one.
    ///
    /// # Errors
    /// `Unavailable` where the database is.
    pub async fn publishable_key(&self, tenant: Uuid) -> Result<Option<String>> {
        secrets::publishable_key(&self.store, tenant).await
    }

    /// The environment's own secret of what Stripe posts.
    pub fn common_hook_secret(&self) -> Option<&SecretString> {
        self.webhook_secret.as_ref()
    }
}

/// Through whom money moves.
#[derive(Clone, Debug)]
pub enum Provider {
    /// Stripe, on one account.
    Stripe(Stripe),
    /// Built in: nothing leaves the server.
    Sandbox,
}

impl Provider {
    /// Its name in rows.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Stripe(_) => Kind::Stripe,
            Self::Sandbox => Kind::Sandbox,
        }
    }

    /// Opens a page where the buyer pays.
    ///
    /// # Errors
    /// What Stripe says, or that it says nothing of use; the sandbox has none.
    pub async fn open_checkout(&self, new: &NewCheckout<'_>) -> std::result::Result<Opened, PaymentError> {
        let Self::Stripe(stripe) = self else {
            return Ok(new.in_sandbox());
        };
        let key = format!("checkout-{}", new.checkout);
        let answer = stripe.post("checkout/sessions", &bodies::checkout(new), &key).await?;
        Opened::of(&answer).ok_or(PaymentError::Garbage)
    }

    /// Gives money back; the same refund a second time is the same refund.
    ///
    /// # Errors
    /// As [`Provider::open_checkout`].
    pub async fn refund(&self, new: &NewRefund<'_>) -> std::result::Result<MadeRefund, PaymentError> {
        let Self::Stripe(stripe) = self else {
            return Ok(new.in_sandbox());
        };
        let key = format!("refund-{}", new.refund);
        let answer = stripe.post("refunds", &bodies::refund(new), &key).await?;
        MadeRefund::of(&answer).ok_or(PaymentError::Garbage)
    }

    /// What the provider kept of a payment, in the payment's currency; `None` while it does not know yet, or where it is the
    /// sandbox, whose fee is known at once.
    ///
    /// # Errors
    /// As [`Provider::open_checkout`].
    pub async fn fee(&self, intent: Option<&str>, charge: Option<&str>) -> std::result::Result<Option<i64>, PaymentError> {
        let Self::Stripe(stripe) = self else { return Ok(None) };
        let (path, is_intent) = match (charge, intent) {
            (Some(charge), _) => (format!("charges/{}", client::segment(charge)), false),
            (None, Some(intent)) => (format!("payment_intents/{}", client::segment(intent)), true),
            (None, None) => return Ok(None),
        };
        let answer = stripe.get(&path, &bodies::fee(is_intent)).await?;
        Ok(types::fee_in(&answer))
    }

    /// Has a subscription end with its period, or go on after all. `attempt` tells one wish from the next; `None` where it
    /// is the sandbox's, whose rows are the subscription.
    ///
    /// # Errors
    /// As [`Provider::open_checkout`].
    pub async fn end_with_period(
        &self,
        subscription: &str,
        ends: bool,
        attempt: Uuid,
    ) -> std::result::Result<Option<SubscriptionSeen>, PaymentError> {
        let Self::Stripe(stripe) = self else { return Ok(None) };
        let path = format!("subscriptions/{}", client::segment(subscription));
        let key = format!("subscription-{attempt}");
        let answer = stripe.post(&path, &bodies::end_with_period(ends), &key).await?;
        SubscriptionSeen::of(&answer).map(Some).ok_or(PaymentError::Garbage)
    }
}
