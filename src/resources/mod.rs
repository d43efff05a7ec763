//! The vertical slices, one line each.
//!
//! A slice is reached over its `ROUTES` and by other slices over its `service` alone. Allowed calls between slices:
//!
//! | slice | calls |
//! |---|---|
//! | `access` | `customers`, `products` |
//! | `refunds` | `sales` |
//! | `sales` | `access`, `customers`, `products` |
//! | `sandbox` | `sales` |
//! | `tenants` | `people` |
//! | `api_keys` | `tenants` |
//! | `checkout` | `products`, `sales` |
//! | `embed` | `checkout`, `people`, `sales` |
//! | `receivers` | `webhooks` |

pub mod access;
pub mod api_keys;
pub mod audit;
pub mod checkout;
pub mod customers;
pub mod embed;
pub mod events;
pub mod integrations;
pub mod mails;
pub mod people;
pub mod products;
pub mod receivers;
pub mod refunds;
pub mod sales;
pub mod sandbox;
pub mod system;
pub mod tenants;
pub mod webhooks;

use crate::context::Chore;
use crate::http::Route;
use std::sync::LazyLock;

static ALL: LazyLock<Vec<Route>> = LazyLock::new(|| {
    let slices: &[&[Route]] = &[
        api_keys::ROUTES,
        checkout::ROUTES,
        embed::ROUTES,
        events::ROUTES,
        audit::ROUTES,
        integrations::ROUTES,
        mails::ROUTES,
        people::ROUTES,
        people::members::ROUTES,
        products::ROUTES,
        receivers::ROUTES,
        refunds::ROUTES,
        sandbox::ROUTES,
        system::ROUTES,
        tenants::ROUTES,
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
