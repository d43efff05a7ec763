//! The server about itself: alive, ready, measured, documented; its clock; and what a credential is.

mod clock;
mod docs;
mod health;
mod me;
mod status;
mod store;
mod upgrade;

use crate::domain::Scope::SystemRead;
use crate::http::{Guard, Route};
use crate::route;

/// Every place the server tells about itself.
pub const ROUTES: &[Route] = &[
    route!("system.healthz", GET "/healthz", Guard::Public(None), "Says that the process is alive.", "health", health::healthz),
    route!("system.readyz", GET "/readyz", Guard::Public(None), "Says whether database and actors are ready.", "health", health::readyz),
    route!("system.metrics", GET "/metrics", Guard::Public(None), "Shows the metrics, to loopback and trusted networks.", "metrics", health::metrics),
    route!("system.openapi", GET "/openapi.json", Guard::Public(None), "Describes every route.", "openapi", docs::openapi),
    route!("system.docs", GET "/docs", Guard::Public(None), "A page that reads the description.", "page", docs::page),
    route!("system.docs_file", GET "/docs/{file:.*}", Guard::Public(None), "Files of that page.", "page", docs::file),
    route!("clock.get", GET "/operator/v1/clock", Guard::Operator, "Tells the server's time.", "clock", clock::get),
    route!("clock.advance", POST "/operator/v1/clock", Guard::Operator, "Advances the sandbox clock through every due moment.", "clock", clock::advance),
    route!("system.health", GET "/api/health", Guard::Public(None), "Says that the service answers.", "health", status::health),
    route!("system.status", GET "/api/v1/system/status", Guard::Scope(SystemRead), "Tells how the shop and its server stand.", "system_status", status::get),
    route!("system.update_check", GET "/api/v1/system/update-check", Guard::Scope(SystemRead), "Tells whether there is a newer version.", "system_update", upgrade::check),
    route!("system.upgrade", POST "/api/v1/system/upgrade", Guard::Scope(SystemRead), "Becomes the newest version.", "system_upgrade", upgrade::begin).unremembered(),
    route!("system.upgrade_status", GET "/api/v1/system/upgrade-status", Guard::Scope(SystemRead), "Tells how far an upgrade is.", "system_progress", upgrade::status),
    route!("me.get", GET "/api/v1/me", Guard::Credential, "Says what this credential is and may do.", "me", me::get),
];
