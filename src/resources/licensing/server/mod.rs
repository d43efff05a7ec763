//! The license server.
use crate::http::Route;
/// Routes.
pub const ROUTES: &[Route] = &[];
