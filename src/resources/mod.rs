//! The vertical slices, one line each.
//!
//! A slice is reached over its `ROUTES` and by other slices over its `service` alone. Allowed calls between slices:
//!
//! | slice | calls |
//! |---|---|
//! | `access` | `customers`, `products` |
//! | `analytics` | `access`, `customers`, `products` |
//! | `sales` | `access`, `analytics`, `coupons`, `customers`, `products` |
//! | `refunds` | `sales` |
//! | `sandbox` | `sales` |
//! | `tenants` | `people` |
//! | `api_keys` | `tenants` |
//! | `checkout` | `products`, `sales` |
//! | `people` | `customers` |
//! | `receivers` | `webhooks` |
//! | `coupons` | `customers`, `products` |
//! | `users` | `access`, `customers`, `products` |
//! | `payments` | `analytics`, `products` |

pub mod access;
pub mod analytics;
pub mod api_keys;
pub mod audit;
pub mod checkout;
pub mod coupons;
pub mod customers;
pub mod events;
pub mod integrations;
pub mod payments;
pub mod people;
pub mod products;
pub mod receivers;
pub mod refunds;
pub mod sales;
pub mod sandbox;
pub mod system;
pub mod tenants;
pub mod users;
pub mod webhooks;

use crate::context::Chore;
use crate::http::Route;
use std::sync::LazyLock;

static ALL: LazyLock<Vec<Route>> = LazyLock::new(|| {
    let slices: &[&[Route]] = &[
        api_keys::ROUTES,
        analytics::ROUTES,
        checkout::ROUTES,
        events::ROUTES,
        audit::ROUTES,
        coupons::ROUTES,
        integrations::ROUTES,
        payments::ROUTES,
        people::ROUTES,
        people::members::ROUTES,
        products::ROUTES,
        receivers::ROUTES,
        refunds::ROUTES,
        sandbox::ROUTES,
        system::ROUTES,
        tenants::ROUTES,
        users::ROUTES,
        webhooks::endpoints::ROUTES,
        webhooks::logs::ROUTES,
    ];
    slices.concat()
});

/// Every route of the server.
pub fn routes() -> &'static [Route] {
    &ALL
}

/// Everything that falls due by the clock, beside deliveries and mails; in the order it is done.
pub fn chores() -> &'static [Chore] {
    &CHORES
}

static CHORES: [Chore; 4] = [
    access::chores::EXPIRY,
    checkout::chores::EXPIRY,
    sandbox::chores::EVENTS,
    refunds::chores::RESUME,
];
