//! Coupons: what makes a purchase cheaper, how often and for whom.
//!
//! A use is *held* while its checkout is being paid and *taken* when the payment completes. A hold is given in one command
//! and counts against every limit, so that nobody is sold a use that is not there; it ends with its checkout, so that
//! every use can be sold. Where the money is taken out of our sight the checkout holds its use from the beginning; where we
//! take it ourselves, from the moment of paying. `service::uses` is what checkouts and payments call.

mod http;
pub mod rules;
pub mod service;
mod store;
pub mod types;

use crate::domain::Scope::{CouponsRead, CouponsWrite};
use crate::http::{Guard, Route};
use crate::route;

/// Every place coupons are reached at.
pub const ROUTES: &[Route] = &[
    route!("coupons.list", GET "/api/v1/coupons", Guard::Scope(CouponsRead), "Lists coupons.", "coupon", http::list),
    route!("coupons.create", POST "/api/v1/coupons", Guard::Scope(CouponsWrite), "Creates a coupon.", "coupon", http::create),
    route!("coupons.get", GET "/api/v1/coupons/{id}", Guard::Scope(CouponsRead), "Reads a coupon.", "coupon", http::get),
    route!("coupons.update", PATCH "/api/v1/coupons/{id}", Guard::Scope(CouponsWrite), "Changes a coupon.", "coupon", http::update),
    route!("coupons.delete", DELETE "/api/v1/coupons/{id}", Guard::Scope(CouponsWrite), "Deletes a coupon that was never used.", "coupon", http::delete),
    route!("coupons.stats", GET "/api/v1/coupons/{id}/stats", Guard::Scope(CouponsRead), "Says how a coupon was used.", "coupon_stats", http::stats),
    route!("coupons.create", POST "/createDiscountCode", Guard::Scope(CouponsWrite), "Creates a discount code.", "coupon", http::create),
    route!("coupons.list", GET "/listDiscountCodes", Guard::Scope(CouponsRead), "Lists discount codes.", "coupon", http::list_all),
    route!("coupons.list", POST "/listDiscountCodes", Guard::Scope(CouponsRead), "Lists discount codes.", "coupon", http::list_all),
];
