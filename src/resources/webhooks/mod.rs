//! Webhooks: where a tenant's events go, and what became of each delivery.
//!
//! A family of two slices: endpoints (URL, filter, secret, health) and logs (deliveries and what may be done to them).

pub mod endpoints;
pub mod logs;

use crate::http::Route;

/// Every place of the family.
pub const ROUTES: &[&[Route]] = &[endpoints::ROUTES, logs::ROUTES];
