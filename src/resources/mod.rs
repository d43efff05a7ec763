//! The vertical slices, one line each.
//!
//! A slice is reached over its `ROUTES` and by other slices over its `service` alone. Allowed calls between slices:
//!
//! | slice | calls |
//! |---|---|
//! | `access` | `courses`, `customers`, `products` |
//! | `analytics` | `access`, `customers`, `products` |
//! | `api_keys` | `tenants` |
//! | `bumps` | `products` |
//! | `checkout` | `bumps`, `coupons`, `courses`, `products`, `sales` |
//! | `coupons` | `customers`, `products` |
//! | `courses` | `products` |
//! | `customers` | `courses` |
//! | `files` | `versions` |
//! | `library` | `checkout`, `coupons`, `market`, `people`, `products`, `versions` |
//! | `licensing` | `products`, `tenants` |
//! | `market` | `products`, `versions` |
//! | `offers` | `products` |
//! | `orders` | `courses` |
//! | `payments` | `analytics`, `products` |
//! | `people` | `customers` |
//! | `products` | `labels`, `waitlist` |
//! | `receivers` | `webhooks` |
//! | `refunds` | `sales` |
//! | `reviews` | `market`, `people`, `products` |
//! | `sales` | `access`, `analytics`, `coupons`, `customers`, `licensing`, `offers`, `orders`, `products`, `subscriptions` |
//! | `sandbox` | `coupons`, `products`, `sales`, `stripe`, `subscriptions` |
//! | `stripe` | `products`, `sales`, `subscriptions` |
//! | `students` | `access`, `courses`, `customers`, `products` |
//! | `subscriptions` | `access`, `customers`, `products` |
//! | `tenants` | `people` |
//! | `users` | `access`, `customers`, `products` |
//! | `variants` | `products` |
//! | `versions` | `products` |

pub mod access;
pub mod analytics;
pub mod api_keys;
pub mod audit;
pub mod bumps;
pub mod checkout;
pub mod coupons;
pub mod courses;
pub mod customers;
pub mod events;
pub mod files;
pub mod integrations;
pub mod labels;
pub mod library;
pub mod licensing;
pub mod market;
pub mod offers;
pub mod orders;
pub mod payments;
pub mod people;
pub mod products;
pub mod receivers;
pub mod refunds;
pub mod reviews;
pub mod sales;
pub mod sandbox;
pub mod stripe;
pub mod students;
pub mod subscriptions;
pub mod system;
pub mod tenants;
pub mod users;
pub mod variants;
pub mod versions;
pub mod waitlist;
pub mod webhooks;

use crate::context::Chore;
use crate::http::Route;
use std::sync::LazyLock;

static ALL: LazyLock<Vec<Route>> = LazyLock::new(|| {
    let slices: &[&[Route]] = &[
        api_keys::ROUTES,
        checkout::ROUTES,
        courses::ROUTES,
        courses::certificates::ROUTES,
        courses::enrollments::ROUTES,
        courses::live::ROUTES,
        events::ROUTES,
        audit::ROUTES,
        files::ROUTES,
        integrations::ROUTES,
        licensing::certificates::ROUTES,
        licensing::entitlements::ROUTES,
        licensing::licenses::ROUTES,
        licensing::machines::ROUTES,
        licensing::policies::ROUTES,
        licensing::server::ROUTES,
        library::ROUTES,
        market::ROUTES,
        bumps::ROUTES,
        labels::ROUTES,
        offers::ROUTES,
        analytics::ROUTES,
        coupons::ROUTES,
        payments::ROUTES,
        orders::ROUTES,
        people::ROUTES,
        people::members::ROUTES,
        products::ROUTES,
        receivers::ROUTES,
        refunds::ROUTES,
        reviews::ROUTES,
        sandbox::ROUTES,
        stripe::ROUTES,
        subscriptions::ROUTES,
        students::ROUTES,
        system::ROUTES,
        tenants::ROUTES,
        users::ROUTES,
        versions::ROUTES,
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
        licensing::chores::EXPIRY,
        licensing::chores::CULL,
        checkout::chores::EXPIRY,
        refunds::chores::RESUME,
        sandbox::chores::EVENTS,
        sandbox::chores::CLOCKWORK,
        stripe::chores::FORGETTING,
        subscriptions::chores::ENDINGS,
        waitlist::chores::LAUNCH,
        market::tally::FLUSH,
        versions::chores::SWEEP,
    ];
    ALL
}
