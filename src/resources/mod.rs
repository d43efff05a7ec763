//! The vertical slices, one line each.
//!
//! A slice is reached over its `ROUTES` and by other slices over its `service` alone. Allowed calls between slices:
//!
//! | slice | calls |
//! |---|---|
//! | `access` | `customers`, `products` |
//! | `refunds` | `sales` |
//! | `sandbox` | `consents`, `integrations`, `sales` |
//! | `products` | `labels`, `waitlist` |
//! | `bumps`, `offers`, `variants` | `products` |
//! | `analytics` | `access`, `customers`, `products` |
//! | `sales` | `access`, `analytics`, `conversions`, `coupons`, `customers`, `offers`, `products` |
//! | `subscriptions` | `access`, `customers`, `products` |
//! | `tenants` | `people` |
//! | `api_keys` | `tenants` |
//! | `consents` | `integrations` |
//! | `conversions` | `consents`, `integrations` |
//! | `embed` | `checkout`, `people`, `sales` |
//! | `checkout` | `bumps`, `coupons`, `products`, `sales` |
//! | `people` | `customers` |
//! | `receivers` | `webhooks` |
//! | `coupons` | `customers`, `products` |
//! | `users` | `access`, `customers`, `products` |
//! | `payments` | `analytics`, `products` |

pub mod access;
pub mod analytics;
pub mod api_keys;
pub mod audit;
pub mod bumps;
pub mod checkout;
pub mod consents;
pub mod conversions;
pub mod coupons;
pub mod customers;
pub mod embed;
pub mod events;
pub mod integrations;
pub mod labels;
pub mod mails;
pub mod offers;
pub mod payments;
pub mod people;
pub mod products;
pub mod receivers;
pub mod refunds;
pub mod sales;
pub mod sandbox;
pub mod subscriptions;
pub mod system;
pub mod tenants;
pub mod variants;
pub mod waitlist;
pub mod webhooks;

use crate::context::Chore;
use crate::http::Route;
use std::sync::LazyLock;

static ALL: LazyLock<Vec<Route>> = LazyLock::new(|| {
    let slices: &[&[Route]] = &[
        api_keys::ROUTES,
        checkout::ROUTES,
        consents::ROUTES,
        embed::ROUTES,
        events::ROUTES,
        audit::ROUTES,
        bumps::ROUTES,
        integrations::ROUTES,
        mails::ROUTES,
        labels::ROUTES,
        offers::ROUTES,
        analytics::ROUTES,
        coupons::ROUTES,
        payments::ROUTES,
        people::ROUTES,
        people::members::ROUTES,
        products::ROUTES,
        receivers::ROUTES,
        refunds::ROUTES,
        sandbox::ROUTES,
        subscriptions::ROUTES,
        system::ROUTES,
        tenants::ROUTES,
        variants::ROUTES,
        waitlist::ROUTES,
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
    const ALL: &[Chore] = &[
        access::chores::EXPIRY,
        checkout::chores::EXPIRY,
        refunds::chores::RESUME,
        sandbox::chores::EVENTS,
        waitlist::chores::LAUNCH,
        conversions::chores::TELLING,
    ];
    ALL
}
