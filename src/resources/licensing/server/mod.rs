//! The license server: one verb per path, for creators by key or secret, and for their programs by licence key alone.
//!
//! `admin` makes and changes licences, `clients` is what programs call, `hook` what shops elsewhere call, `sold` what sales here and at the
//! provider do. Tokens are signed
//! by a pair of the server's own (`pairs`), which a root pair vouches for.

pub mod admin;
pub mod clients;
pub mod hook;
mod http;
pub mod pairs;
mod rsa;
pub mod sold;
pub mod store;
pub mod terms;
pub mod token;
pub mod trials;
pub mod types;
pub mod variants;

use crate::domain::Scope::{LicensesRead, LicensesWrite, ProductsRead, ProductsWrite};
use crate::http::{Guard, Route};
use crate::route;

/// Every verb but those of products, keys and discount codes, which are other slices'.
pub const ROUTES: &[Route] = &[
    route!("products.update", POST "/updateProduct", Guard::Scope(ProductsWrite), "Changes a product.", "product", http::update_product),
    route!("variants.list", GET "/listVariants", Guard::Scope(ProductsRead), "Lists a product's variants.", "variant", http::list_variants),
    route!("variants.list", POST "/listVariants", Guard::Scope(ProductsRead), "Lists a product's variants.", "variant", http::list_variants),
    route!("variants.create", POST "/createVariant", Guard::Scope(ProductsWrite), "Creates a variant.", "variant", http::create_variant),
    route!("variants.update", POST "/updateVariant", Guard::Scope(ProductsWrite), "Changes a variant.", "variant", http::update_variant),
    route!("licenses.issue", POST "/createLicense", Guard::Scope(LicensesWrite), "Issues a licence.", "license_key", http::issue),
    route!("licenses.show", GET "/getLicense", Guard::Scope(LicensesRead), "Reads a licence with its activations and violations.", "license_record", http::show),
    route!("licenses.show", POST "/getLicense", Guard::Scope(LicensesRead), "Reads a licence with its activations and violations.", "license_record", http::show),
    route!("licenses.search", GET "/listLicenses", Guard::Scope(LicensesRead), "Lists licences.", "license", http::search),
    route!("licenses.search", POST "/listLicenses", Guard::Scope(LicensesRead), "Lists licences.", "license", http::search),
    route!("licenses.amend", POST "/updateLicense", Guard::Scope(LicensesWrite), "Changes a licence.", "license_done", http::amend),
    route!("licenses.withdraw", POST "/revokeLicense", Guard::Scope(LicensesWrite), "Withdraws a licence.", "license_done", http::withdraw),
    route!("licenses.restore", POST "/reinstateLicense", Guard::Scope(LicensesWrite), "Undoes a withdrawal or suspension.", "license_done", http::restore),
    route!("licenses.reset", POST "/resetActivations", Guard::Scope(LicensesWrite), "Drops all activations of a licence.", "license_reset", http::reset),
    route!("licenses.resolve", POST "/resolveLicense", Guard::Scope(LicensesWrite), "Marks violations as resolved.", "license_resolved", http::resolve),
    route!("trial_codes.list", GET "/listTrialCodes", Guard::Scope(LicensesRead), "Lists trial codes.", "trial_code", http::list_trials),
    route!("trial_codes.list", POST "/listTrialCodes", Guard::Scope(LicensesRead), "Lists trial codes.", "trial_code", http::list_trials),
    route!("trial_codes.create", POST "/createTrialCode", Guard::Scope(LicensesWrite), "Creates a trial code.", "trial_code_made", http::create_trial),
    route!("trial_codes.update", POST "/updateTrialCode", Guard::Scope(LicensesWrite), "Changes a trial code.", "trial_code_made", http::update_trial),
    route!("trial_codes.delete", POST "/deleteTrialCode", Guard::Scope(LicensesWrite), "Deletes a trial code.", "trial_code_made", http::delete_trial),
    route!("licenses.activate", POST "/activate", Guard::Public(None), "Binds a machine to a licence and hands it a token.", "activated", http::activate).unremembered(),
    route!("licenses.validate", POST "/validate", Guard::Public(None), "Checks a machine's token and renews it in time.", "validated", http::validate).unremembered(),
    route!("licenses.verify", POST "/verify", Guard::Public(None), "Says whether a licence is good for a product.", "verified", http::verify).unremembered(),
    route!("licenses.deactivate", POST "/deactivate", Guard::Public(None), "Frees a machine's seat.", "deactivated", http::deactivate).unremembered(),
    route!("licenses.heartbeat", POST "/heartbeat", Guard::Public(None), "Keeps a session's seat.", "seat", http::heartbeat).unremembered(),
    route!("license_server.signing_key", GET "/getSigningKey", Guard::Public(None), "Tells the keys that tokens are checked with.", "signing_key", http::signing_key),
    route!("hooks.lounge", POST "/cgloungeWebhook", Guard::Public(None), "Takes what a shop elsewhere tells of a purchase.", "hook_taken", http::hook).unremembered(),
];
