//! A tenant's own secrets of Stripe, sealed in his settings.

use crate::domain::seal::Sealer;
use crate::domain::{Error, Result, Timestamp};
use crate::store::{Store, Tx, settings};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use uuid::Uuid;

/// The subject of the tenant's settings that holds them.
pub const SUBJECT: &str = "payments";
/// Their members there, each a sealed text.
const MEMBERS: [&str; 2] = ["stripe_secret_key_sealed", "stripe_webhook_secret_sealed"];

/// A tenant's own secrets; what he has not set is `None`.
#[derive(Clone, Debug, Default)]
pub struct Secrets {
    /// `sk_…` or `rk_…`.
    pub secret_key: Option<SecretString>,
    /// `whsec_…`; several stand beside one another while one replaces another, separated by commas.
    pub webhook_secret: Option<SecretString>,
}

/// The member that holds the key pages are given; it is no secret.
const PUBLISHABLE: &str = "stripe_publishable_key";

/// The key a tenant's pages show Stripe.
///
/// # Errors
/// `Unavailable` where the database is.
pub(super) async fn publishable_key(store: &Store, tenant: Uuid) -> Result<Option<String>> {
    let kept = settings::read(store, tenant, SUBJECT).await?;
    Ok(kept.get(PUBLISHABLE).and_then(Value::as_str).map(str::to_owned))
}

/// A change: absent leaves it, `None` clears it, a sealed text sets it.
#[derive(Clone, Debug, Default)]
pub struct Change {
    members: [Option<Option<String>>; 2],
    /// The key pages are given, as it is.
    pub publishable: Option<Option<String>>,
}

impl Secrets {
    /// Reads and opens them.
    ///
    /// # Errors
    /// `Internal` where one does not open: the master key is another one.
    pub async fn read(store: &Store, sealer: &Sealer, tenant: Uuid) -> Result<Self> {
        let kept = settings::read(store, tenant, SUBJECT).await?;
        let open = |member: &str| match kept.get(member).and_then(Value::as_str) {
            None => Ok(None),
            Some(sealed) => match sealer.open_text(sealed, &context(tenant, member)) {
                Some(text) => Ok(Some(SecretString::from(text.as_str()))),
                None => Err(Error::internal("a payment secret does not open with this master key")),
            },
        };
        let [key, hook] = MEMBERS;
        Ok(Self {
            secret_key: open(key)?,
            webhook_secret: open(hook)?,
        })
    }

    /// Seals what is to be set; each nonce is random and used once.
    ///
    /// # Errors
    /// `Internal` for a text of many gigabytes.
    pub fn seal(
        sealer: &Sealer,
        tenant: Uuid,
        wanted: [Option<Option<SecretString>>; 2],
        nonces: [[u8; 12]; 2],
    ) -> Result<Change> {
        let mut change = Change::default();
        let places = change.members.iter_mut().zip(MEMBERS).zip(wanted.into_iter().zip(nonces));
        for ((place, member), (wanted, nonce)) in places {
            let Some(wanted) = wanted else { continue };
            let sealed = wanted.map(|secret| {
                let context = context(tenant, member);
                sealer.seal(secret.expose_secret().as_bytes(), nonce, &context)
            });
            *place = Some(sealed.transpose().map_err(Error::internal)?);
        }
        Ok(change)
    }
}

impl Change {
    /// Writes it down.
    ///
    /// # Errors
    /// `NotFound` where the tenant is gone.
    pub async fn apply(&self, tx: &Tx, tenant: Uuid, now: Timestamp) -> Result<()> {
        settings::change(tx, tenant, SUBJECT, now, |kept| {
            let mut all = kept.as_object().cloned().unwrap_or_default();
            let plain = (&PUBLISHABLE, &self.publishable);
            for (member, wanted) in MEMBERS.iter().zip(&self.members).chain([plain]) {
                match wanted {
                    None => {}
                    Some(None) => drop(all.remove(*member)),
                    Some(Some(text)) => drop(all.insert((*member).to_owned(), Value::String(text.clone()))),
                }
            }
            *kept = Value::Object(all);
            Ok(())
        })
        .await
    }
}

fn context(tenant: Uuid, member: &str) -> String {
    format!("{SUBJECT}:{tenant}:{member}")
}
