//! What a provider is asked to do, and what it answers.

use crate::domain::stripe::{META_CHECKOUT, META_PRODUCT, META_TENANT, Metadata};
use crate::domain::{Code, Error, Timestamp};
use serde_json::Value;
use uuid::Uuid;

/// Most members of metadata that Stripe takes, and the longest name and value, in characters.
const METADATA_MAX: (usize, usize, usize) = (50, 40, 500);

/// One line of a checkout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// For people.
    pub name: String,
    /// What one costs, discounts taken off, in minor units.
    pub unit_minor: i64,
    /// How many.
    pub quantity: i64,
}

/// How often a subscription is charged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recurring {
    /// `day`, `week`, `month`, `year`.
    pub interval: String,
    /// Intervals in a period.
    pub interval_count: i64,
    /// Days before the first charge.
    pub trial_days: Option<i64>,
}

/// Where the buyer pays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// On a page of the provider's.
    Hosted {
        /// Where he is sent once he has paid.
        success_url: String,
        /// Where he is sent when he turns back.
        cancel_url: Option<String>,
    },
    /// On the shop's own page.
    Embedded {
        /// Where he is sent once he has paid.
        return_url: String,
    },
}

/// A checkout to open.
#[derive(Clone, Debug)]
pub struct NewCheckout<'a> {
    /// Our own session; also what makes a repeated call the same call.
    pub checkout: Uuid,
    /// Whose.
    pub tenant: Uuid,
    /// The main product.
    pub product: Uuid,
    /// What is sold, the main product first.
    pub lines: Vec<Line>,
    /// ISO 4217 code.
    pub currency: &'a str,
    /// Set where the first line is charged every period.
    pub recurring: Option<Recurring>,
    /// The buyer's address, where it is known.
    pub email: Option<&'a str>,
    /// Where he pays.
    pub place: Place,
    /// What shall come back with every later event, beside what is always sent.
    pub metadata: Metadata,
    /// When it closes, on Stripe's clock 30 minutes to 24 hours after its opening.
    pub expires_at: Timestamp,
    /// The server's own address, for the sandbox's page; no slash at its end.
    pub public_url: &'a str,
}

impl NewCheckout<'_> {
    /// What travels along with every object made from it.
    pub fn all_metadata(&self) -> Metadata {
        let (members, name_max, value_max) = METADATA_MAX;
        let own = [
            (META_TENANT, self.tenant),
            (META_PRODUCT, self.product),
            (META_CHECKOUT, self.checkout),
        ];
        let own: Metadata = own.map(|(name, id)| (name.to_owned(), id.to_string())).into();
        let wanted = self.metadata.iter().filter(|(name, _)| !own.contains_key(*name));
        let kept = wanted
            .filter(|(name, value)| !value.is_empty() && name.chars().count() <= name_max)
            .take(members - own.len())
            .map(|(name, value)| (name.clone(), value.chars().take(value_max).collect()));
        own.clone().into_iter().chain(kept).collect()
    }

    pub(super) fn in_sandbox(&self) -> Opened {
        Opened {
            session: format!("cs_test_{}", self.checkout.simple()),
            url: Some(format!("{}/sandbox/checkout/{}", self.public_url, self.checkout)),
            client_secret: None,
        }
    }
}

/// A checkout that was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// `cs_…`.
    pub session: String,
    /// Its page, where it has one.
    pub url: Option<String>,
    /// What a page that embeds it is given.
    pub client_secret: Option<String>,
}

impl Opened {
    /// Of use only with an address or a secret.
    pub(super) fn of(answer: &Value) -> Option<Self> {
        let text = |name: &str| answer.get(name).and_then(Value::as_str).map(ToOwned::to_owned);
        let opened = Self {
            session: text("id").filter(|id| !id.is_empty())?,
            url: text("url"),
            client_secret: text("client_secret"),
        };
        (opened.url.is_some() || opened.client_secret.is_some()).then_some(opened)
    }
}

/// Money to give back.
#[derive(Clone, Copy, Debug)]
pub struct NewRefund<'a> {
    /// Our own refund; also what makes a repeated call the same call.
    pub refund: Uuid,
    /// `pi_…` of what was paid.
    pub intent: &'a str,
    /// How much, in minor units.
    pub amount_minor: i64,
    /// `duplicate`, `fraudulent` or `requested_by_customer`.
    pub reason: Option<&'a str>,
}

impl NewRefund<'_> {
    pub(super) fn in_sandbox(&self) -> MadeRefund {
        MadeRefund {
            refund: format!("re_test_{}", self.refund.simple()),
            status: "succeeded".to_owned(),
        }
    }
}

/// Money on its way back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeRefund {
    /// `re_…`.
    pub refund: String,
    /// `succeeded`, `pending`, `failed`, `requires_action` or `canceled`.
    pub status: String,
}

impl MadeRefund {
    pub(super) fn of(answer: &Value) -> Option<Self> {
        let text = |name: &str| answer.get(name).and_then(Value::as_str).map(ToOwned::to_owned);
        Some(Self {
            refund: text("id").filter(|id| !id.is_empty())?,
            status: text("status").unwrap_or_else(|| "succeeded".to_owned()),
        })
    }

    /// Whether the money stays where it is after all.
    pub fn has_failed(&self) -> bool {
        matches!(self.status.as_str(), "failed" | "canceled")
    }
}

/// The fee in a charge, or in the charge of a payment, in the charge's currency: the account may be kept in another one.
pub(super) fn fee_in(answer: &Value) -> Option<i64> {
    let charge = answer
        .get("latest_charge")
        .filter(|charge| charge.is_object())
        .unwrap_or(answer);
    let kept = charge.get("balance_transaction")?;
    let (fee, settled) = (kept.get("fee")?.as_i64()?, kept.get("amount")?.as_i64()?);
    let text = |value: &Value| value.get("currency").and_then(Value::as_str).map(str::to_lowercase);
    if text(kept) == text(charge) {
        return Some(fee);
    }
    let charged = i128::from(charge.get("amount")?.as_i64()?);
    let settled = i128::from(settled);
    let scaled = (settled > 0).then(|| (i128::from(fee) * charged * 2 + settled) / (settled * 2))?;
    i64::try_from(scaled).ok()
}

/// Why a provider did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PaymentError {
    /// It understood and refused: the request is wrong, or the card. Trying again changes nothing.
    #[error("{message}")]
    Refused {
        /// What it is about, such as `charge_already_refunded`.
        code: Option<String>,
        /// For people.
        message: String,
    },
    /// It does not take the account's key.
    #[error("the payment provider does not accept the key")]
    Key,
    /// It is down, slow, busy or out of reach: the same call may succeed later.
    #[error("the payment provider cannot be reached")]
    Unavailable,
    /// It answered what nobody can read. Whether it did what it was asked is unknown, so the same call may be made again.
    #[error("the payment provider's answer cannot be read")]
    Garbage,
}

impl PaymentError {
    /// Whether the same call may succeed later.
    pub fn is_transient(&self) -> bool {
        !matches!(self, Self::Refused { .. })
    }
}

impl From<PaymentError> for Error {
    /// A refusal is the caller's to read, everything else is ours to mend.
    fn from(error: PaymentError) -> Self {
        match error {
            PaymentError::Refused { ref message, .. } => {
                Error::new(Code::Malformed, format!("The payment provider refused: {message}")).caused_by(error)
            }
            PaymentError::Key | PaymentError::Unavailable | PaymentError::Garbage => {
                let mut put_off = Error::unavailable(5).caused_by(error);
                put_off.message = "The payment provider is not available at the moment.".into();
                put_off
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_fee_is_told_in_the_currency_that_was_charged() {
        let kept = |currency: &str, amount: i64| json!({"id": "txn_1", "amount": amount, "fee": 85, "currency": currency});
        let charge = |kept: Value| json!({"id": "ch_1", "amount": 1900, "currency": "usd", "balance_transaction": kept});
        assert_eq!(fee_in(&charge(kept("usd", 1900))), Some(85));
        assert_eq!(
            fee_in(&json!({"id": "pi_1", "latest_charge": charge(kept("usd", 1900))})),
            Some(85)
        );
        // 85 of 1,750 cents of a euro account are 92 of 1,900 cents.
        assert_eq!(fee_in(&charge(kept("eur", 1750))), Some(92));
        for unknown in [json!(null), json!("txn_1")] {
            assert_eq!(fee_in(&charge(unknown)), None);
        }
        assert_eq!(fee_in(&json!({"id": "pi_1", "latest_charge": null})), None);
    }
}
