//! What a sale says of the licence it makes, whoever tells of it; what it does not say the product's variants say.

use super::trials;
use super::variants::{self, Asked};
use crate::context::Deed;
use crate::domain::Result;
use crate::domain::stripe::Metadata;
use crate::resources::coupons::service::uses::{self as coupons, Elsewhere};
use crate::resources::licensing::rules;
use crate::store::Tx;
use entities::license::{Kind, Model};
use entities::product;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Where documents of a sale keep them.
const MEMBER: &str = "license";
/// Longest text of theirs, in characters.
const TEXT_MAX: usize = 180;
/// Most days of a licence.
const DAYS_MAX: i64 = 36_500;
/// Most machines of a licence.
const MACHINES_MAX: i64 = 1_000_000;

/// The terms of a licence that is sold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Terms {
    /// The variant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// What takes a seat.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub license_type: Option<String>,
    /// Its number of machines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_machines: Option<i64>,
    /// Days of a trial.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trial_days: Option<i64>,
    /// Days it lasts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_days: Option<i64>,
    /// What the buyer typed for a trial or a discount.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discount_code: Option<String>,
}

impl Terms {
    /// What a provider's metadata says; a value that is none of its kind says nothing.
    pub fn told(metadata: &Metadata) -> Self {
        let text = |names: [&str; 2]| {
            let mut found = names
                .into_iter()
                .filter_map(|name| metadata.get(name))
                .map(|text| text.trim());
            let found = found.find(|text| !text.is_empty() && text.chars().count() <= TEXT_MAX);
            found.map(ToOwned::to_owned)
        };
        let number = |names: [&str; 2], least: i64, most: i64| {
            let number = text(names)?.parse().ok();
            number.filter(|number| (least..=most).contains(number))
        };
        Self {
            variant: text(["variant", "variant_id"]),
            license_type: text(["licenseType", "license_type"]).filter(|kind| Kind::parse(kind).is_some()),
            max_machines: number(["maxMachines", "max_machines"], rules::UNLIMITED, MACHINES_MAX),
            trial_days: number(["trialDays", "trial_days"], 1, DAYS_MAX),
            duration_days: number(["durationDays", "duration_days"], 1, DAYS_MAX),
            discount_code: text(["discountCode", "discount_code"]),
        }
    }

    /// Puts them into a document of the sale; nothing where nothing is said.
    pub fn keep(&self, document: &mut Value) {
        if let (Value::Object(members), Ok(own)) = (document, serde_json::to_value(self))
            && *self != Self::default()
        {
            members.insert(MEMBER.to_owned(), own);
        }
    }

    /// What a document of the sale keeps.
    pub fn kept(document: &Value) -> Self {
        let own = document.get(MEMBER).cloned();
        own.and_then(|own| serde_json::from_value(own).ok()).unwrap_or_default()
    }

    /// Gives a licence the form it is sold in and the end it is sold with, and uses its code.
    ///
    /// # Errors
    /// `Unavailable` where the database is.
    pub async fn apply(&self, tx: &Tx, deed: &Deed, product: &product::Model, row: &mut Model) -> Result<()> {
        let asked = Asked {
            variant: self.variant.as_deref(),
            kind: self.license_type.as_deref(),
            machines: self.max_machines,
            sessions: None,
        };
        variants::shape(tx, product, row, asked).await?;
        row.discount_code.clone_from(&self.discount_code);
        let redeemed = self.redeem(tx, deed, product, row.email.as_deref()).await?;
        let days = self.duration_days.or(self.trial_days).or(redeemed);
        row.expires_at = days.map(|days| rules::after_days(deed.now.0, days));
        Ok(())
    }

    /// Uses a code: days of a trial, else a use of a discount. What cannot be used is what a shop calls its discount; the
    /// sale is made and counts nowhere.
    async fn redeem(&self, tx: &Tx, deed: &Deed, product: &product::Model, email: Option<&str>) -> Result<Option<i64>> {
        let Some(code) = &self.discount_code else {
            return Ok(None);
        };
        if let Some(days) = trials::redeem(tx, deed, product.id, code).await? {
            return Ok(Some(days));
        }
        let sold = Elsewhere {
            code,
            product: product.id,
            currency: &product.currency,
            email,
        };
        if let Err(why) = coupons::take_elsewhere(tx, deed, &sold).await? {
            tracing::debug!(reason = why.reason(), "a licence was sold with a code that takes no use");
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn metadata_is_read_in_both_spellings_and_only_where_it_makes_sense() {
        let metadata = |pairs: &[(&str, &str)]| -> Metadata {
            pairs
                .iter()
                .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
                .collect()
        };
        let told = Terms::told(&metadata(&[
            ("variant", " studio "),
            ("license_type", "floating"),
            ("maxMachines", "-1"),
            ("durationDays", "30"),
            ("trial_days", "0"),
            ("discountCode", ""),
        ]));
        let expected = Terms {
            variant: Some("studio".into()),
            license_type: Some("floating".into()),
            max_machines: Some(-1),
            duration_days: Some(30),
            ..Terms::default()
        };
        assert_eq!(told, expected);
        let nonsense = metadata(&[("licenseType", "seat"), ("maxMachines", "two"), ("durationDays", "-3")]);
        assert_eq!(Terms::told(&nonsense), Terms::default());
        let mut document = json!({});
        told.keep(&mut document);
        assert_eq!(Terms::kept(&document), told);
        let mut empty = json!({});
        Terms::default().keep(&mut empty);
        assert_eq!((Terms::kept(&empty), empty), (Terms::default(), json!({})));
    }
}
