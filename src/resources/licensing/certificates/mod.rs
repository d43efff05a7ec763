//! What proves a licence without asking: files signed by the tenant's Ed25519 key, that key in public, and signed lists of
//! what was withdrawn. Beside them the key set and the list behind signed tokens of sales.

pub mod file;
mod http;
pub mod service;
mod store;
pub mod types;

use crate::domain::Scope::LicensesRead;
use crate::http::{Guard, Route};
use crate::route;

/// Every place certificates are reached at.
pub const ROUTES: &[Route] = &[
    route!("licenses.checkout", POST "/api/v1/licenses/{id}/checkout", Guard::Scope(LicensesRead), "Checks out a licence file that is good offline.", "license_file", http::checkout),
    route!("license_keys.public", GET "/api/licenses/{account}/public-key", Guard::Public(None), "Tells the public key that an account's licence files are checked with.", "public_key", http::public_key),
    route!("license_keys.revoked", GET "/api/licenses/{account}/revoked", Guard::Public(None), "Lists an account's withdrawn licences, signed.", "revocation_list", http::revocation_list),
    route!("license_keys.set", GET "/api/licenses/jwks", Guard::Public(None), "Tells the keys that a seller's licence tokens are checked with.", "key_set", http::key_set),
    route!("license_keys.orders", GET "/api/licenses/revoked", Guard::Public(None), "Lists hashes of the orders whose licences were withdrawn.", "order_hashes", http::order_hashes),
];
