//! Certificates: one for each completed enrolment, for ever; whoever knows the number may verify it.

mod http;
pub mod rules;
pub mod service;
mod store;
pub mod types;

use crate::http::{Guard, Route};
use crate::route;

/// The public place of certificates.
pub const ROUTES: &[Route] = &[
    route!("certificates.show", GET "/certificates/{number}", Guard::Public(None), "Shows a certificate: a page to print, or JSON where `Accept` or `.json` asks for it.", "certificate_proof", http::show),
];
