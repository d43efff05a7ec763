//! What is given, and what is told of it.

use crate::domain::Timestamp;
use crate::resources::customers::types::CustomerBrief;
use crate::resources::products::types::ProductView;
use entities::access::EndReason;
use entities::entitlement::Cause;
use entities::{access, customer, product};
use serde::Serialize;
use uuid::Uuid;

/// What somebody shall have.
#[derive(Clone, Copy, Debug)]
pub struct Gift<'a> {
    /// Who.
    pub customer: &'a customer::Model,
    /// What.
    pub product: &'a product::Model,
    /// What it rests on.
    pub cause: Cause,
    /// Which one of those.
    pub cause_id: Uuid,
    /// When this claim ends; `None` is never.
    pub until: Option<Timestamp>,
    /// The length it was given for, where it was given as a length.
    pub days: Option<i64>,
}

/// What ends a cause's claims.
#[derive(Clone, Debug)]
pub struct Taking {
    /// Which cause.
    pub cause_id: Uuid,
    /// Why.
    pub reason: EndReason,
}

/// That an access began or ended, for those who follow it.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    /// The access as it is now.
    pub access: &'a access::Model,
    /// Whose.
    pub customer: &'a customer::Model,
    /// To what.
    pub product: &'a product::Model,
    /// Whether it began or ended.
    pub began: bool,
}

/// That an access changed, for events.
#[derive(Debug, Serialize)]
pub(super) struct AccessChange {
    pub customer: CustomerBrief,
    pub product: ProductView,
    pub access: Moments,
}

/// The moments of an access that an event tells.
#[derive(Debug, Default, Serialize)]
pub(super) struct Moments {
    pub granted_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Option<Timestamp>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expired_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
}
