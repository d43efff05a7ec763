//! What a buyer has, on a page: signed in by a mailed link, no script, every shop of this server on it.

mod pages;
mod store;

use crate::http::{Guard, Route};
use crate::route;

/// Every place a buyer's own page is at.
pub const ROUTES: &[Route] = &[
    route!("account.show", GET "/account", Guard::Public(None), "Shows a buyer what he has, or asks for his address.", "page", pages::show),
    route!("account.ask", POST "/account", Guard::Public(None), "Mails the link that signs a buyer in.", "page", pages::ask)
        .raw()
        .unremembered(),
];
