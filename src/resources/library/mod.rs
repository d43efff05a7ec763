//! The marketplace from a buyer's side: buying, what was bought, and its files.
//!
//! The buyer is the person behind the call: who signed in, or the owner of the shop whose key was sent. A purchase here is
//! a payment like any other.

mod http;
pub mod service;
mod store;
pub mod types;

use crate::domain::Scope::{DownloadsRead, PurchasesWrite};
use crate::http::{Guard, Route};
use crate::route;

/// Every place the library is reached at.
pub const ROUTES: &[Route] = &[
    route!("market_checkout.create", POST "/v1/checkout/create", Guard::Buyer(PurchasesWrite), "Begins to buy a product of the marketplace.", "market_checkout", http::create),
    route!("market_checkout.validate_discount", POST "/v1/checkout/validate-discount", Guard::Buyer(PurchasesWrite), "Tells what a code is worth, taking no use of it.", "discount_check", http::validate_discount).unremembered(),
    route!("library.list", GET "/v1/library", Guard::Buyer(DownloadsRead), "Lists what was bought.", "purchase_record", http::list),
    route!("library.download", GET "/v1/library/{id}/download", Guard::Buyer(DownloadsRead), "Gives a link to the newest file, good for 15 minutes.", "download", http::download),
];
