//! The vertical slices, one line each.
//!
//! A slice is reached over its `ROUTES` and by other slices over its `service` alone. Allowed calls between slices:
//!
//! | slice | calls |
//! |---|---|
//! | `access` | `courses`, `customers`, `products` |
//! | `account` | `people` |
//! | `analytics` | `access`, `customers`, `products` |
//! | `api_keys` | `tenants` |
//! | `bumps` | `products` |
//! | `captcha` | `integrations` |
//! | `checkout` | `bumps`, `coupons`, `courses`, `products`, `sales` |
//! | `consents` | `integrations` |
//! | `conversions` | `consents`, `integrations` |
//! | `coupons` | `customers`, `products` |
//! | `courses` | `products` |
//! | `customers` | `courses` |
//! | `embed` | `captcha`, `checkout`, `people`, `sales` |
//! | `export` | `licensing` |
//! | `files` | `versions` |
//! | `library` | `checkout`, `coupons`, `market`, `people`, `products`, `versions` |
//! | `licensing` | `coupons`, `products`, `tenants` |
//! | `market` | `products`, `versions` |
//! | `offers` | `products` |
//! | `orders` | `courses` |
//! | `payments` | `analytics`, `products` |
//! | `people` | `customers` |
//! | `products` | `labels`, `waitlist` |
//! | `receivers` | `webhooks` |
//! | `refunds` | `sales` |
//! | `reviews` | `market`, `people`, `products` |
//! | `sales` | `access`, `analytics`, `conversions`, `coupons`, `customers`, `licensing`, `offers`, `orders`, `products`, `subscriptions` |
//! | `sandbox` | `consents`, `coupons`, `integrations`, `products`, `sales`, `stripe`, `subscriptions` |
//! | `stripe` | `products`, `sales`, `subscriptions` |
//! | `students` | `access`, `courses`, `customers`, `products` |
//! | `subscriptions` | `access`, `customers`, `licensing`, `products` |
//! | `tenants` | `people` |
//! | `users` | `access`, `customers`, `products` |
//! | `variants` | `products` |
//! | `versions` | `products` |
//! | `waitlist` | `captcha` |

pub mod access;
pub mod account;
pub mod analytics;
pub mod api_keys;
pub mod audit;
pub mod bumps;
pub mod captcha;
pub mod checkout;
pub mod consents;
pub mod conversions;
pub mod coupons;
pub mod courses;
pub mod customers;
pub mod embed;
pub mod events;
pub mod export;
pub mod files;
pub mod integrations;
pub mod labels;
pub mod library;
pub mod licensing;
pub mod mails;
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

use crate::context::{Chore, Follower};
use crate::http::Route;
use std::sync::LazyLock;

static ALL: LazyLock<Vec<Route>> = LazyLock::new(|| {
    let slices: &[&[Route]] = &[
        account::ROUTES,
        captcha::ROUTES,
        api_keys::ROUTES,
        checkout::ROUTES,
        consents::ROUTES,
        embed::ROUTES,
        courses::ROUTES,
        courses::certificates::ROUTES,
        courses::enrollments::ROUTES,
        courses::live::ROUTES,
        events::ROUTES,
        audit::ROUTES,
        export::ROUTES,
        files::ROUTES,
        integrations::ROUTES,
        mails::ROUTES,
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
        licensing::uses::FLUSH,
        checkout::chores::EXPIRY,
        refunds::chores::RESUME,
        sales::fees::READING,
        sandbox::chores::EVENTS,
        sandbox::chores::CLOCKWORK,
        stripe::chores::FORGETTING,
        subscriptions::chores::ENDINGS,
        captcha::chores::FORGETTING,
        waitlist::chores::LAUNCH,
        conversions::chores::TELLING,
        market::tally::FLUSH,
        versions::chores::SWEEP,
    ];
    ALL
}

/// Who hears of changes of products, in the order they are told.
pub fn followers() -> &'static [Follower] {
    const ALL: &[Follower] = &[|tx, deed, change| Box::pin(courses::service::follow(tx, deed, change))];
    ALL
}
