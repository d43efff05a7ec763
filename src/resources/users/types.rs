//! What goes in and out, in neutral names; the dialects' files map it.

use super::rules;
use crate::domain::Timestamp;
use crate::resources::products::rules::icon;
use crate::resources::products::types::present;
use entities::entitlement::{Action, Cause, Goods};
use entities::{access, customer, entitlement, product};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

/// Which users are wanted.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListUsers {
    /// Part of the address, any case.
    pub search: Option<String>,
    /// What they are ordered by.
    pub sort_by: Option<String>,
    /// `asc` or `desc`.
    pub sort_order: Option<String>,
}

/// What a user is to get.
#[derive(Clone, Debug, Deserialize)]
pub struct GrantAccess {
    /// Which product.
    pub product_id: Uuid,
    /// For so long.
    pub access_duration_days: Option<i64>,
    /// Until then.
    pub access_expires_at: Option<Timestamp>,
}

/// How an access is to end; the first member present decides.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ExtendAccess {
    /// So much later.
    pub extend_days: Option<i64>,
    /// At this moment; `null` is never.
    #[serde(deserialize_with = "present")]
    pub access_expires_at: Option<Option<Timestamp>>,
    /// So long from now.
    pub access_duration_days: Option<i64>,
}

/// A user as he is told.
#[derive(Clone, Debug, Serialize)]
pub struct UserView {
    /// Identity.
    pub id: Uuid,
    /// His address.
    pub email: String,
    /// When he became a customer.
    pub created_at: Timestamp,
    /// When he proved the address; nobody signed in for it otherwise.
    pub email_confirmed_at: Option<Timestamp>,
    /// When he last signed in.
    pub last_sign_in_at: Option<Timestamp>,
    /// His name.
    pub user_metadata: Option<Map<String, Value>>,
    /// What he may use.
    pub product_access: Vec<AccessView>,
    /// Sums over it.
    pub stats: UserStats,
}

/// Sums over what a user may use.
#[derive(Clone, Debug, Default, Serialize)]
pub struct UserStats {
    /// How many products.
    pub total_products: usize,
    /// What they cost now.
    pub total_value_minor: i64,
    /// Of that, where it is one.
    pub currency: Option<String>,
    /// When he last got one.
    pub last_access_granted_at: Option<Timestamp>,
    /// When he first got one.
    pub first_access_granted_at: Option<Timestamp>,
}

/// One product a user may use.
#[derive(Clone, Debug, Serialize)]
pub struct AccessView {
    /// Identity.
    pub id: Uuid,
    /// Whose; not told where the user stands around it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<Uuid>,
    /// Which product.
    pub product_id: Uuid,
    /// Its address now.
    pub product_slug: String,
    /// Its name now.
    pub product_name: String,
    /// What it costs now.
    pub product_price_minor: i64,
    /// Of that price.
    pub currency: String,
    /// Its mark.
    pub product_icon: Value,
    /// Whether it is for sale now.
    pub product_is_active: bool,
    /// More about it, where one user is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_description: Option<String>,
    /// Since when.
    pub granted_at: Timestamp,
    /// Until when; none is for ever.
    pub expires_at: Option<Timestamp>,
    /// The length it was given as.
    pub duration_days: Option<i64>,
}

impl AccessView {
    pub(super) fn of(row: &access::Model, product: &product::Model) -> Self {
        Self {
            id: row.id,
            user_id: None,
            product_id: product.id,
            product_slug: product.slug.clone(),
            product_name: product.name.clone(),
            product_price_minor: product.price_minor,
            currency: product.currency.clone(),
            product_icon: icon(product),
            product_is_active: product.status == product::Status::Published && product.deleted_at.is_none(),
            product_description: None,
            granted_at: Timestamp(row.granted_at),
            expires_at: row.expires_at.map(Timestamp),
            duration_days: row.duration_days,
        }
    }

    /// The same, telling whose it is.
    pub(super) fn of_user(self, user: Uuid) -> Self {
        Self {
            user_id: Some(user),
            ..self
        }
    }
}

/// When a user proved his address and last signed in.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Presence {
    pub(super) confirmed_at: Option<i64>,
    pub(super) signed_in_at: Option<i64>,
}

impl UserView {
    pub(super) fn of(row: &customer::Model, presence: Presence, owned: &[(access::Model, product::Model)]) -> Self {
        let live = || owned.iter().filter(|(access, _)| access.ended_at.is_none());
        let (total_value_minor, currency) =
            rules::worth(live().map(|(_, product)| (product.price_minor, product.currency.as_str())));
        let granted = || live().map(|(access, _)| Timestamp(access.granted_at));
        Self {
            id: row.id,
            email: row.email.clone(),
            created_at: Timestamp(row.created_at),
            email_confirmed_at: presence.confirmed_at.map(Timestamp),
            last_sign_in_at: presence.signed_in_at.map(Timestamp),
            user_metadata: row.name.as_ref().map(|name| {
                let both = ["full_name", "name"].map(|member| (member.to_owned(), Value::from(name.as_str())));
                both.into_iter().collect()
            }),
            product_access: owned
                .iter()
                .map(|(access, product)| AccessView::of(access, product))
                .collect(),
            stats: UserStats {
                total_products: live().count(),
                total_value_minor,
                currency,
                last_access_granted_at: granted().max(),
                first_access_granted_at: granted().min(),
            },
        }
    }
}

/// What a grant answers.
#[derive(Clone, Debug, Serialize)]
pub struct GrantView {
    /// The access.
    pub id: Uuid,
    /// Whose.
    pub user_id: Uuid,
    /// To what.
    pub product_id: Uuid,
    /// Its name.
    pub product_name: String,
    /// Since when.
    pub granted_at: Timestamp,
    /// Until when.
    pub expires_at: Option<Timestamp>,
    /// The length it was given as.
    pub duration_days: Option<i64>,
}

/// What gave an access and what took it, in order.
#[derive(Clone, Debug, Serialize)]
pub struct WhyView {
    /// The access.
    pub access_id: Uuid,
    /// Whose.
    pub user_id: Uuid,
    /// To what.
    pub product_id: Uuid,
    /// Whether it holds now.
    pub is_active: bool,
    /// Until when.
    pub expires_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Why it ended.
    pub end_reason: Option<&'static str>,
    /// Every cause, the first one first.
    pub events: Vec<WhyEvent>,
}

/// One thing that was said for or against an access.
#[derive(Clone, Debug, Serialize)]
pub struct WhyEvent {
    /// Identity.
    pub id: Uuid,
    /// `gave`, `extended`, `took` or `expired`.
    pub action: Action,
    /// Which kind of goods it is about.
    pub goods: Goods,
    /// Which of those.
    pub goods_id: Uuid,
    /// What it rests on.
    pub cause: Cause,
    /// Which one of those: a payment, a grant, a subscription.
    pub cause_id: Uuid,
    /// Until when.
    pub until_at: Option<Timestamp>,
    /// Who did it: `person:…`, `key:…`; none is the clock or the provider.
    pub actor: Option<String>,
    /// Why, where it was taken.
    pub reason: Option<String>,
    /// When.
    pub happened_at: Timestamp,
}

impl From<&entitlement::Model> for WhyEvent {
    fn from(row: &entitlement::Model) -> Self {
        Self {
            id: row.id,
            action: row.action,
            goods: row.goods,
            goods_id: row.goods_id,
            cause: row.cause,
            cause_id: row.cause_id,
            until_at: row.until_at.map(Timestamp),
            actor: row.actor.clone(),
            reason: row.reason.clone(),
            happened_at: Timestamp(row.happened_at),
        }
    }
}
