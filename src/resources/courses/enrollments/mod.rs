//! Enrolments: seats of students in courses, what was done in them, how far it is.
//!
//! A seat follows the access to the course's product ([`service::follow`]) and is made and revoked by nothing else. A
//! revoked seat keeps its row, so that it may come alive again with all that was done in it.

mod http;
pub mod service;
mod store;
pub mod types;

use crate::domain::Scope::{EnrollmentsWrite, StudentsRead};
use crate::http::{Guard, Route};
use crate::route;

/// Every place enrolments are reached at, but those that give and take them.
pub const ROUTES: &[Route] = &[
    route!("enrollments.get", GET "/api/v1/enrollments/{id}", Guard::Scope(StudentsRead), "Reads an enrolment.", "enrollment", http::get),
    route!("enrollments.progress", POST "/api/v1/enrollments/{id}/progress", Guard::Scope(EnrollmentsWrite), "Tells that a lesson was done; the last one completes the course.", "enrollment", http::progress),
];
