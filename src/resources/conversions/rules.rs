//! Pure decisions about what an advertising network is told.

use crate::domain::money::to_major;
use crate::resources::consents::rules::{Consent, MEMBER};
use entities::{checkout, customer, payment, product};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// Waits between attempts, in milliseconds: those of webhooks.
const WAITS_MS: [i64; 6] = [60_000, 300_000, 1_800_000, 7_200_000, 21_600_000, 86_400_000];

/// Where the network takes what, under a base that can be set.
pub(super) fn path(base: &str, pixel: &str) -> String {
    format!("{base}/v21.0/{pixel}/events")
}

/// How much may be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Nothing.
    Nothing,
    /// That there was a purchase, and no more of the buyer than a mark that means nothing elsewhere.
    Limited,
    /// Whose it was.
    Whole,
}

/// What may be told in a shop's mode, given what the buyer said.
pub fn extent(mode: Option<&str>, consent: Option<Consent>) -> Extent {
    let agrees = consent.is_some_and(|consent| consent.marketing);
    match (agrees, mode) {
        (true, _) | (_, Some("permissive")) => Extent::Whole,
        (false, Some("limited")) => Extent::Limited,
        // Strict is also what holds where nothing was chosen.
        (false, _) => Extent::Nothing,
    }
}

/// What a sale is made of, for the event.
#[derive(Clone, Copy)]
pub struct Sold<'a> {
    /// The money.
    pub payment: &'a payment::Model,
    /// The purchase as it was begun.
    pub checkout: &'a checkout::Model,
    /// Who bought.
    pub customer: &'a customer::Model,
    /// What it is about.
    pub product: &'a product::Model,
}

/// The event.
pub(super) fn event(sold: &Sold<'_>, extent: Extent, public_url: &str) -> Value {
    let payment = sold.payment;
    let value = to_major(payment.amount_minor, &payment.currency);
    let mut user = json!({ "external_id": [hashed(&sold.customer.id.to_string())] });
    if extent == Extent::Whole {
        user["em"] = json!([hashed(&payment.email)]);
        let kept = sold.checkout.metadata.get(MEMBER);
        for (name, member) in [("client_ip_address", "address"), ("client_user_agent", "user_agent")] {
            if let Some(text) = kept.and_then(|kept| kept.get(member)).and_then(Value::as_str) {
                user[name] = text.into();
            }
        }
    }
    let mut event = json!({
        "event_name": "Purchase",
        "event_time": payment.paid_at.unwrap_or(payment.created_at).div_euclid(1_000),
        "event_id": payment.id,
        "action_source": "website",
        "event_source_url": public_url,
        "user_data": user,
        "custom_data": {
            "currency": payment.currency,
            "value": value,
            "order_id": payment.id,
            "content_type": "product",
            "content_ids": [sold.product.id],
            "content_name": sold.product.name,
        },
    });
    if extent == Extent::Limited {
        event["data_processing_options"] = json!(["LDU"]);
        event["data_processing_options_country"] = json!(0);
        event["data_processing_options_state"] = json!(0);
    }
    event
}

/// The form in which the network takes what names a person.
pub(super) fn hashed(text: &str) -> String {
    hex::encode(Sha256::digest(text.trim().to_lowercase()))
}

/// When to try again after so many attempts; `None` where it was the last.
pub(super) fn wait_ms(attempts: i64) -> Option<i64> {
    let done = usize::try_from(attempts).ok()?;
    WAITS_MS.get(done.checked_sub(1)?).copied()
}

/// Whether an answer will be the same next time.
pub(super) fn is_final(status: u16) -> bool {
    (400..500).contains(&status) && !matches!(status, 401 | 403 | 408 | 429)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn consent_and_mode_decide_what_is_told() {
        let said = |marketing| {
            Some(Consent {
                analytics: true,
                marketing,
            })
        };
        for (mode, consent, expected) in [
            (None, None, Extent::Nothing),
            (Some("strict"), None, Extent::Nothing),
            (Some("strict"), said(false), Extent::Nothing),
            (Some("strict"), said(true), Extent::Whole),
            (Some("limited"), None, Extent::Limited),
            (Some("limited"), said(false), Extent::Limited),
            (Some("limited"), said(true), Extent::Whole),
            (Some("permissive"), None, Extent::Whole),
            (Some("permissive"), said(false), Extent::Whole),
        ] {
            assert_eq!(extent(mode, consent), expected, "{mode:?} {consent:?}");
        }
    }

    #[test]
    fn addresses_are_hashed_as_the_network_wants() {
        let known = "973dfe463ec85785f5f95af5ba3906eedb2d931c24e69824a89ea65dba4e813b";
        assert_eq!(hashed(" Test@Example.com "), known);
    }

    #[test]
    fn waits_come_to_an_end() {
        let waits: Vec<_> = (1..).map_while(wait_ms).collect();
        assert_eq!(waits, WAITS_MS);
        assert_eq!(wait_ms(0), None);
        assert!(is_final(400) && !is_final(429) && !is_final(500));
    }
}
