//! Payments without an account: a page that takes the test cards, and a bank that says what Stripe would say, to the same
//! handler.

mod bills;
pub mod chores;
mod pages;
pub mod service;
mod store;
mod subscription_pages;
mod subscriptions;
mod tracking;

use crate::http::{Guard, Route};
use crate::route;

/// Every place the sandbox is reached at.
pub const ROUTES: &[Route] = &[
    route!("sandbox.show", GET "/sandbox/checkout/{id}", Guard::Public(None), "Shows the page where a purchase is paid with a test card.", "checkout", pages::show),
    route!("sandbox.pay", POST "/sandbox/checkout/{id}", Guard::Public(None), "Pays with a test card.", "checkout", pages::pay)
        .unremembered()
        .raw(),
    route!("sandbox.subscription", GET "/sandbox/subscriptions/{id}", Guard::Public(None), "Shows a subscription of the sandbox.", "subscription", subscription_pages::show),
    route!("sandbox.change_card", POST "/sandbox/subscriptions/{id}", Guard::Public(None), "Gives a subscription of the sandbox another test card.", "subscription", subscription_pages::change_card)
        .unremembered()
        .raw(),
    route!("sandbox.done", GET "/sandbox/checkout/{id}/done", Guard::Public(None), "Says that a purchase is paid.", "checkout", pages::done),
];
