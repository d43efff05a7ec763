//! Files handed out by link: whoever has a good one gets the bytes, whole or in pieces, without a credential.

mod http;
pub mod service;

use crate::http::{Guard, Route};
use crate::route;

/// The place files are reached at.
pub const ROUTES: &[Route] = &[
    route!("files.get", GET "/files/{id}/{name}", Guard::Public(None), "Downloads a file by a link that ends after 15 minutes.", "file", http::get),
];
