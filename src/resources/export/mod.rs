//! Leaving: everything a tenant owns in one archive, written as it is read, so that it needs no room of its own.
//!
//! A tar archive: `manifest.json`, `tables/<table>-<part>.jsonl` with a row a line, `files/<id>` with the uploads.

mod archive;
mod http;
pub mod service;

use crate::http::{Guard, Route};
use crate::route;

/// The place the archive is reached at.
pub const ROUTES: &[Route] = &[
    route!("export.get", GET "/api/v1/export", Guard::Everything, "Gives everything the tenant owns as one archive.", "export", http::get),
];
